CREATE TABLE mlchat_attempts (
    id VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    day VARCHAR(10) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    turn VARCHAR(32) NOT NULL,
    time FLOAT NOT NULL,
    llm VARCHAR(255) NOT NULL,
    state VARCHAR(16) NOT NULL,
    elapsed_ms FLOAT NOT NULL,
    tool_calls INTEGER NOT NULL,
    tools_failed INTEGER NOT NULL,
    score INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_mlchat_attempts_turn ON mlchat_attempts (turn);

CREATE INDEX mlchat_attempts_owner ON mlchat_attempts (owner, day);

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
    route VARCHAR(64) DEFAULT '' NOT NULL,
    prompt VARCHAR(64) DEFAULT '' NOT NULL,
    parameters TEXT DEFAULT '{}' NOT NULL,
    created FLOAT NOT NULL,
    updated FLOAT NOT NULL,
    last_seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX mlchat_conversations_owner ON mlchat_conversations (owner, notebook, updated);

CREATE TABLE mlchat_kept_answers (
    turn VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    question VARCHAR(64) NOT NULL,
    used FLOAT NOT NULL,
    frozen FLOAT NOT NULL,
    PRIMARY KEY (turn)
);

CREATE INDEX ix_mlchat_kept_answers_conversation ON mlchat_kept_answers (conversation);

CREATE INDEX mlchat_kept_answers_question ON mlchat_kept_answers (owner, question);

CREATE TABLE mlchat_prompts (
    owner VARCHAR(255) NOT NULL,
    name VARCHAR(64) NOT NULL,
    text TEXT NOT NULL,
    description TEXT NOT NULL,
    updated FLOAT NOT NULL,
    PRIMARY KEY (owner, name)
);

CREATE TABLE mlchat_registered (
    owner VARCHAR(255) NOT NULL,
    notebook TEXT NOT NULL,
    ref VARCHAR(255) NOT NULL,
    body TEXT NOT NULL,
    updated FLOAT NOT NULL,
    PRIMARY KEY (owner, notebook, ref)
);

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

CREATE TABLE mlchat_spending (
    id INTEGER NOT NULL,
    owner VARCHAR(255) NOT NULL,
    day VARCHAR(10) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    turn VARCHAR(32) NOT NULL,
    llm VARCHAR(255) NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost FLOAT,
    elapsed_ms FLOAT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_mlchat_spending_conversation ON mlchat_spending (conversation);

CREATE INDEX ix_mlchat_spending_turn ON mlchat_spending (turn);

CREATE INDEX mlchat_spending_owner ON mlchat_spending (owner, day);

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
    run VARCHAR(32) DEFAULT '' NOT NULL,
    answer_of VARCHAR(32) DEFAULT '' NOT NULL,
    route VARCHAR(64) DEFAULT '' NOT NULL,
    prompt VARCHAR(64) DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(conversation) REFERENCES mlchat_conversations (id)
);

CREATE INDEX mlchat_turns_conversation ON mlchat_turns (conversation, created);

CREATE INDEX mlchat_turns_state ON mlchat_turns (state);
