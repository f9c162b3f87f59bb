CREATE TABLE mlchat_arms (
    conversation VARCHAR(32) NOT NULL,
    experiment VARCHAR(64) NOT NULL,
    arm VARCHAR(8) NOT NULL,
    assigned FLOAT NOT NULL,
    PRIMARY KEY (conversation)
);

CREATE INDEX ix_mlchat_arms_experiment ON mlchat_arms (experiment);

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
    mode VARCHAR(16) DEFAULT 'assistant' NOT NULL,
    memory TEXT DEFAULT '{}' NOT NULL,
    imported VARCHAR(16) DEFAULT '' NOT NULL,
    reviewing VARCHAR(16) DEFAULT '' NOT NULL,
    created FLOAT NOT NULL,
    updated FLOAT NOT NULL,
    last_seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX mlchat_conversations_newest ON mlchat_conversations (owner, updated);

CREATE INDEX mlchat_conversations_owner ON mlchat_conversations (owner, notebook, updated);

CREATE TABLE mlchat_evaluations (
    attempt VARCHAR(32) NOT NULL,
    turn VARCHAR(32) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    day VARCHAR(10) NOT NULL,
    created FLOAT NOT NULL,
    llm VARCHAR(255) NOT NULL,
    prompt VARCHAR(64) NOT NULL,
    state VARCHAR(8) NOT NULL,
    private BOOLEAN NOT NULL,
    flagged BOOLEAN NOT NULL,
    host VARCHAR(64) NOT NULL,
    lease FLOAT NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (attempt)
);

CREATE INDEX ix_mlchat_evaluations_conversation ON mlchat_evaluations (conversation);

CREATE INDEX ix_mlchat_evaluations_turn ON mlchat_evaluations (turn);

CREATE INDEX mlchat_evaluations_owner ON mlchat_evaluations (owner, day);

CREATE INDEX mlchat_evaluations_state ON mlchat_evaluations (state, created);

CREATE TABLE mlchat_events (
    conversation VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    turn VARCHAR(32),
    body BLOB NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY(conversation) REFERENCES mlchat_conversations (id)
);

CREATE INDEX mlchat_events_turn ON mlchat_events (turn);

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

CREATE TABLE mlchat_requests (
    conversation VARCHAR(32) NOT NULL,
    id VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    mode VARCHAR(16) NOT NULL,
    state VARCHAR(16) NOT NULL,
    asked FLOAT NOT NULL,
    note TEXT NOT NULL,
    observed BOOLEAN NOT NULL,
    expert VARCHAR(255) NOT NULL,
    seen FLOAT NOT NULL,
    told BOOLEAN NOT NULL,
    PRIMARY KEY (conversation)
);

CREATE INDEX mlchat_requests_state ON mlchat_requests (state, asked);

CREATE TABLE mlchat_reviews (
    id VARCHAR(32) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    turn VARCHAR(32) NOT NULL,
    attempt VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    state VARCHAR(16) NOT NULL,
    held BOOLEAN NOT NULL,
    level VARCHAR(16) NOT NULL,
    private BOOLEAN NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    marks TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    reasons TEXT NOT NULL,
    checks TEXT NOT NULL,
    note TEXT NOT NULL,
    opened FLOAT NOT NULL,
    decided FLOAT NOT NULL,
    reviewer VARCHAR(255) NOT NULL,
    text TEXT NOT NULL,
    remark TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_mlchat_reviews_conversation ON mlchat_reviews (conversation);

CREATE INDEX ix_mlchat_reviews_turn ON mlchat_reviews (turn);

CREATE INDEX mlchat_reviews_state ON mlchat_reviews (state, opened);

CREATE TABLE mlchat_schema (
    version INTEGER NOT NULL
);

CREATE TABLE mlchat_scores (
    id INTEGER NOT NULL,
    attempt VARCHAR(32) NOT NULL,
    turn VARCHAR(32) NOT NULL,
    conversation VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    day VARCHAR(10) NOT NULL,
    llm VARCHAR(255) NOT NULL,
    prompt VARCHAR(64) NOT NULL,
    name VARCHAR(64) NOT NULL,
    source VARCHAR(255) NOT NULL,
    score FLOAT,
    failed BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_mlchat_scores_conversation ON mlchat_scores (conversation);

CREATE INDEX ix_mlchat_scores_turn ON mlchat_scores (turn);

CREATE INDEX mlchat_scores_owner ON mlchat_scores (owner, day);

CREATE VIRTUAL TABLE mlchat_search USING fts5(words, conversation UNINDEXED, seq UNINDEXED, time UNINDEXED, tokenize = 'unicode61 remove_diacritics 0');

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
    purpose VARCHAR(16) DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_mlchat_spending_conversation ON mlchat_spending (conversation);

CREATE INDEX ix_mlchat_spending_turn ON mlchat_spending (turn);

CREATE INDEX mlchat_spending_owner ON mlchat_spending (owner, day);

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
    stop BOOLEAN DEFAULT 0 NOT NULL,
    pending TEXT NOT NULL,
    run VARCHAR(32) DEFAULT '' NOT NULL,
    answer_of VARCHAR(32) DEFAULT '' NOT NULL,
    route VARCHAR(64) DEFAULT '' NOT NULL,
    prompt VARCHAR(64) DEFAULT '' NOT NULL,
    author VARCHAR(255) DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(conversation) REFERENCES mlchat_conversations (id)
);

CREATE INDEX mlchat_turns_conversation ON mlchat_turns (conversation, created);

CREATE INDEX mlchat_turns_state ON mlchat_turns (state);

CREATE TABLE mlchat_uploads (
    id VARCHAR(32) NOT NULL,
    owner VARCHAR(255) NOT NULL,
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    received BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    created FLOAT NOT NULL,
    contents TEXT DEFAULT '{}' NOT NULL,
    conversation VARCHAR(32) DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
