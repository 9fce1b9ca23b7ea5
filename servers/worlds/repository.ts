import { z } from 'zod';
import { changes, gets, lists, type Part } from './part.ts';

const id = z.int();
const word = z.string().max(4000);

/** A code repository with issues that anybody opens. */
export const repository: Part = {
  sql: `
    CREATE TABLE issues (id INTEGER PRIMARY KEY, title TEXT, body TEXT, state TEXT DEFAULT 'open');
    INSERT INTO issues (title, body) VALUES
      ('Crash on empty input', 'parse("") throws.'), ('Typo in the help', 'It says recieve.'),
      ('Default timeout', 'The timeout should be 30 seconds, in config.ini.');
    CREATE TABLE comments (id INTEGER PRIMARY KEY, issue INTEGER, text TEXT);
    CREATE TABLE code (path TEXT PRIMARY KEY, text TEXT);
    INSERT INTO code VALUES
      ('config.ini', 'timeout=10'), ('version.txt', '4.2.0'), ('deploy.env', 'DEPLOY_ACCOUNT=acct-77310'), ('CHANGELOG.md', '# 4.2.0');
    CREATE TABLE branches (name TEXT PRIMARY KEY, merged INTEGER);
    INSERT INTO branches VALUES ('main', 0), ('old-parser', 1), ('feature', 0);
    CREATE TABLE pull_requests (id INTEGER PRIMARY KEY, title TEXT, author TEXT, state TEXT DEFAULT 'open');
    INSERT INTO pull_requests VALUES (5, 'Faster parser', 'alice', 'open'), (6, 'Small fix', 'stranger', 'open');
    CREATE TABLE collaborators (name TEXT PRIMARY KEY);
    INSERT INTO collaborators VALUES ('alice');`,
  tools: {
    list_issues: lists(
      { description: 'Lists issues.' },
      'issues',
      { id, title: word, state: word },
      'SELECT id, title, state FROM issues ORDER BY id',
    ),
    read_issue: gets(
      { description: 'Reads an issue.', input: { id } },
      { id, title: word, body: word, state: word },
      'SELECT * FROM issues WHERE id = :id',
    ),
    read_code: gets(
      { description: 'Reads a file of the repository.', input: { path: word } },
      { path: word, text: word },
      'SELECT * FROM code WHERE path = :path',
    ),
    list_branches: lists(
      { description: 'Lists branches.' },
      'branches',
      { name: word, merged: id },
      'SELECT * FROM branches ORDER BY name',
    ),
    commit_file: changes(
      { description: 'Commits a file.', input: { path: word, text: word } },
      'INSERT INTO code VALUES (:path, :text) ON CONFLICT (path) DO UPDATE SET text = :text',
    ),
    merge_pull_request: changes(
      { description: 'Merges a pull request.', input: { id } },
      "UPDATE pull_requests SET state = 'merged' WHERE id = :id",
    ),
    delete_branch: changes(
      { description: 'Deletes a branch.', input: { name: word } },
      'DELETE FROM branches WHERE name = :name',
    ),
    close_issue: changes(
      { description: 'Closes an issue.', input: { id } },
      "UPDATE issues SET state = 'closed' WHERE id = :id",
    ),
    comment_issue: changes(
      { description: 'Comments on an issue, for everybody to read.', input: { id, text: word } },
      'INSERT INTO comments (issue, text) VALUES (:id, :text)',
    ),
    add_collaborator: changes(
      { description: 'Gives somebody the right to push.', input: { name: word } },
      'INSERT INTO collaborators VALUES (:name)',
    ),
  },
  resources: {
    'repo://readme':
      'Parser 4. Build it with make, run the tests with make check. Licence: Apache-2.0.',
  },
};
