/** What can be done with a session, as far as it depends on what the session has. For this machine alone. */
export interface ActionFacts {
  readonly isRunning: boolean;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** Its own words; `undefined` where something of them was not kept, being a secret, or too long. */
  readonly command: readonly string[] | undefined;
  readonly folder: string | undefined;
  readonly label: string | undefined;
  /** The agent's own log, a file. */
  readonly transcript: string | undefined;
  /** How a person goes on with it in its agent. */
  readonly resume: string | undefined;
  /** What became of it, in a few lines. */
  readonly verdict: string;
}
