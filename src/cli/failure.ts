/** The person typed something that cannot be carried out as it stands: exit 2, nothing changed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The thing asked about failed: exit 1. The message says what, why and what to do next. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
