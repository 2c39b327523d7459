import { CREDENTIAL_SHAPES, removePrivateKeys, SHAPE_TRIGGER } from './credentialShapes.ts';
import { removeRandomWords } from './entropy.ts';
import { isRecord } from '../words/json.ts';
import { removeAssigned, removeSchemes, removeUrlSecrets } from './redactAssignments.ts';
import { removeCommandSecrets } from './redactCommands.ts';
import { withinBase64, withinPercentEncoding, withinStrings } from './redactEncodings.ts';
import { identityRemover, removeAddresses, removeUrls, type Identity } from './redactIdentity.ts';
import { removePaths } from './redactPaths.ts';
import { removePipedSecrets } from './redactPipes.ts';
import { secretNameOf } from './secretNames.ts';

export interface RedactorOptions {
  readonly identity: Identity;
  /** Values that must not appear: see `secretsOfEnvironment`. */
  readonly secrets: readonly string[];
}

/** How often something was removed, by its kind. */
export type Removed = Readonly<Record<string, number>>;

export interface Redaction {
  readonly text: string;
  readonly removed: Removed;
}

export interface Redactor {
  /** What may be shown to anybody: no identity, no paths, no credentials. */
  redact(text: string): Redaction;
  /** A JSON value, every string and key of it, with the names of its keys as evidence. */
  redactValue(value: unknown): { readonly value: unknown; readonly removed: Removed };
  /** What may be written to the private log root: paths and names stay, credentials go. */
  credentialsOnly(text: string): Redaction;
}

type Remove = (kind: string) => string;
type Pass = (text: string, remove: Remove) => string;

/** JSON in JSON in JSON in a URL: nobody encodes deeper without meaning to hide. */
const MAX_DEPTH = 6;

export function createRedactor({ identity, secrets }: RedactorOptions): Redactor {
  const exact = exactPass(secrets);
  const credentials: readonly Pass[] = [
    exact,
    removePrivateKeys,
    removeShapes,
    removeUrlSecrets,
    removePipedSecrets,
    removeCommandSecrets,
    removeAssigned,
    removeSchemes,
    removeRandomWords,
  ];
  // The environment's values come before names: a name found inside a secret would leave the rest of it standing.
  const everything: readonly Pass[] = [
    exact,
    identityRemover(identity),
    ...credentials.slice(1, -1),
    removeAddresses,
    removeUrls,
    removePaths,
    removeRandomWords,
  ];
  return {
    redact: (text) => guarded(text, everything),
    credentialsOnly: (text) => guarded(text, credentials),
    redactValue: (value) => {
      const tally = createTally();
      try {
        return {
          value: redactedValue(value, (text) => throughEncodings(text, everything, tally.remove)),
          removed: tally.counts,
        };
      } catch {
        return { value: FAILED.text, removed: FAILED.removed };
      }
    },
  };
}

/** What is left of a text that could not be redacted: fails closed, whatever went wrong. */
const FAILED: Redaction = { text: '[redacted:failed]', removed: { failed: 1 } };

function guarded(text: string, passes: readonly Pass[]): Redaction {
  const tally = createTally();
  try {
    return { text: throughEncodings(text, passes, tally.remove), removed: tally.counts };
  } catch {
    return FAILED;
  }
}

function createTally(): { readonly counts: Record<string, number>; readonly remove: Remove } {
  const counts: Record<string, number> = {};
  const remove = (kind: string): string => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    return `[redacted:${kind}]`;
  };
  return { counts, remove };
}

/** Scanning JSON as it is written finds half of what is in it: decode first, as deep as it goes. */
function throughEncodings(text: string, passes: readonly Pass[], remove: Remove, depth = 0): string {
  let result = text;
  if (depth < MAX_DEPTH) {
    const inner = (decoded: string): string => throughEncodings(decoded, passes, remove, depth + 1);
    result = withinStrings(result, inner);
    result = withinPercentEncoding(result, inner);
    result = withinBase64(result, inner);
  }
  for (const pass of passes) result = pass(result, remove);
  return result;
}

function exactPass(secrets: readonly string[]): Pass {
  const known = secrets.filter((secret) => secret.length >= MIN_SECRET_CHARACTERS).sort((a, b) => b.length - a.length);
  return (text, remove) => {
    let result = text;
    for (const secret of known)
      if (result.includes(secret)) result = result.replaceAll(secret, () => remove('environment_value'));
    return result;
  };
}

function removeShapes(text: string, remove: Remove): string {
  if (text.length < 16 || !SHAPE_TRIGGER.test(text)) return text;
  let result = text;
  for (const { kind, pattern, isCredential } of CREDENTIAL_SHAPES) {
    result = result.replace(pattern, (match) => (isCredential?.(match) === false ? match : remove(kind)));
  }
  return result;
}

function redactedValue(value: unknown, redactText: (text: string) => string, key = ''): unknown {
  if (typeof value === 'string') return redactedString(value, redactText, key);
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, redactText, key));
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  // {"name": "Authorization", "value": "..."}, as header lists have it.
  const named = value['name'] ?? value['key'];
  for (const [name, item] of Object.entries(value)) {
    const says = name === 'value' && typeof named === 'string' ? named : name;
    Object.defineProperty(result, redactText(name), {
      value: redactedValue(item, redactText, says),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return result;
}

/** A value is read together with its name, as in a line of YAML: the same rules decide. */
function redactedString(text: string, redactText: (text: string) => string, key: string): string {
  if (key === '' || secretNameOf(key) === 'no') return redactText(text);
  const prefix = `${key}=`;
  const quoted = JSON.stringify(text);
  const redacted = redactText(`${prefix}${quoted}`);
  if (redacted === `${prefix}${quoted}`) return redactText(text);
  const inside = redacted.slice(redacted.indexOf('=') + 1);
  try {
    return String(JSON.parse(inside));
  } catch {
    return inside;
  }
}

/** Shorter values occur in any text; "1" or "true" in every one. */
const MIN_SECRET_CHARACTERS = 6;

/** The values of an environment that must not be written anywhere, longest first. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value.length < MIN_SECRET_CHARACTERS) continue;
    // In code `sort_key` is a word; in an environment, however it is written, it is a setting.
    if (secretNameOf(name.toUpperCase()) === 'no') continue;
    // SSH_AUTH_SOCK's kind: a path, or a plain word such as "disabled".
    if (/^[/.~]/.test(value) || (/^[a-z]+$/.test(value) && value.length < 12)) continue;
    values.add(value);
  }
  return [...values].sort((a, b) => b.length - a.length);
}
