CREATE TABLE mlchat_commands (
    principal VARCHAR(255) NOT NULL,
    id VARCHAR(64) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    turn VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (principal, id)
);

CREATE TABLE mlchat_conversations (
    id VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    title TEXT NOT NULL,
    notebook TEXT NOT NULL,
    kernel VARCHAR(64) NOT NULL,
    llm VARCHAR(255) NOT NULL,
    levels TEXT NOT NULL,
    created FLOAT NOT NULL,
    updated FLOAT NOT NULL,
    last_seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX mlchat_conversations_owner ON mlchat_conversations (owner, notebook, updated);

CREATE TABLE mlchat_schema (
    version INTEGER NOT NULL
);

CREATE TABLE mlchat_sent (
    id INTEGER NOT NULL,
    turn VARCHAR(32) NOT NULL,
    attempt VARCHAR(32) NOT NULL,
    time FLOAT NOT NULL,
    llm VARCHAR(255) NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_mlchat_sent_turn ON mlchat_sent (turn);

CREATE TABLE mlchat_uploads (
    id VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    received INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    created FLOAT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE mlchat_events (
    conversation VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    turn VARCHAR(32),
    body BLOB NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY(conversation) REFERENCES mlchat_conversations (id)
);

CREATE INDEX mlchat_events_turn ON mlchat_events (turn);

CREATE TABLE mlchat_turns (
    id VARCHAR(32) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    state VARCHAR(16) NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    llm VARCHAR(255) NOT NULL,
    tool TEXT NOT NULL,
    created FLOAT NOT NULL,
    attempts INTEGER NOT NULL,
    host VARCHAR(64) NOT NULL,
    lease FLOAT NOT NULL,
    pending TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(conversation) REFERENCES mlchat_conversations (id)
);

CREATE INDEX mlchat_turns_conversation ON mlchat_turns (conversation, created);

CREATE INDEX mlchat_turns_state ON mlchat_turns (state);
