/** `<database>#<session>`: how an agent's log that is a session of a database is named where others have a path. */
const IN_DATABASE = /^(.+\.db)#([\w-]{6,128})$/s;

export interface DatabaseSession {
  readonly database: string;
  readonly session: string;
}

export function databaseSession(transcript: string): DatabaseSession | undefined {
  const [, database, session] = IN_DATABASE.exec(transcript) ?? [];
  return database === undefined || session === undefined ? undefined : { database, session };
}

export function databaseTranscript({ database, session }: DatabaseSession): string {
  return `${database}#${session}`;
}
