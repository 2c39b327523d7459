import type { OtlpRequest } from '../telemetry/otlp/otlpRequests.ts';
import type { OtlpSent } from '../telemetry/otlp/otlpSend.ts';
import { findSession } from '../logs/sessionFiles.ts';
import { spoolSize } from '../logs/spool.ts';
import { chosenRoot } from './chosenRoot.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import type { CommandContext } from './command.ts';
import { CommandError, UsageError } from './failure.ts';
import { sessionToSend } from './fleet/sessionToSend.ts';
import { deliver, flushSpool, type Send } from './fleet/spoolDelivery.ts';
import { loadBundle } from './loadBundle.ts';
import type * as OtlpBundle from '../telemetry/otlp/otlpBundle.ts';

export const ENDPOINT_VARIABLE = 'SESSION_DIAGNOSTICS_OTLP_ENDPOINT';

/** Where sessions are sent to, checked; `undefined`, and nothing is sent, unless the user has said it. */
export function otlpEndpoint({ args, env }: Pick<CommandContext, 'args' | 'env'>): string | undefined {
  const flag = args.text('otlp-endpoint');
  const given = flag ?? env[ENDPOINT_VARIABLE] ?? '';
  if (given === '') return undefined;
  if (isHttp(given)) return given;
  const name = flag === undefined ? ENDPOINT_VARIABLE : '--otlp-endpoint';
  throw new UsageError(`${name} takes an http or https address, such as http://127.0.0.1:4318.`);
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

/** Whether the session will be sent, so that its agent is told whose span it runs in; a wrong variable stops no agent. */
export function isSent({ args, env }: Pick<CommandContext, 'args' | 'env'>): boolean {
  return isHttp(args.text('otlp-endpoint') ?? env[ENDPOINT_VARIABLE] ?? '');
}

interface Receiver {
  readonly endpoint: string;
  readonly bundle: typeof OtlpBundle;
  readonly send: Send;
}

async function receiverAt(endpoint: string, { programPath, env }: CommandContext): Promise<Receiver> {
  const bundle = await loadBundle<typeof OtlpBundle>(programPath, 'otlp');
  const send: Send = (requests) => {
    const known = requests.flatMap(({ signal, body }): OtlpRequest[] => {
      const word = bundle.SIGNALS.find((candidate) => candidate === signal);
      return word === undefined ? [] : [{ signal: word, body }];
    });
    return bundle.sendRequests(known, endpoint, env);
  };
  return { endpoint, bundle, send };
}

/** Sends one ended session, for a person who waits for it. */
export async function exportSession(found: FoundSession, endpoint: string, context: CommandContext): Promise<void> {
  const receiver = await receiverAt(endpoint, context);
  const sent = await receiver.send(await receiver.bundle.otlpRequests(sessionToSend(found, context.env)));
  if (sent.ok) return;
  const { name } = found.place;
  throw new CommandError(`${notSent(name, endpoint, sent)} Send it later: session-diagnostics export ${name}`);
}

function notSent(name: string, endpoint: string, { why }: Extract<OtlpSent, { ok: false }>): string {
  return `${name} could not be sent to ${new URL(endpoint).origin} (${why}). Is an OpenTelemetry receiver there?`;
}

/** For a recorder whose session has ended: what cannot be sent costs a sentence, never the session or its exit code. */
export async function exportEnded(context: CommandContext, id: string): Promise<void> {
  const { terminal } = context;
  try {
    const endpoint = otlpEndpoint(context);
    const root = chosenRoot(context);
    const place = endpoint === undefined ? undefined : findSession(root, id);
    if (endpoint === undefined || place === undefined) return;
    const receiver = await receiverAt(endpoint, context);
    const session = sessionToSend({ root, place }, context.env);
    const requests = await receiver.bundle.otlpRequests(session);
    const sent = await deliver({ root, id: session.id, requests, send: receiver.send });
    if (sent.ok) return;
    const later = sent.isKept
      ? 'It waits: the next session that is sent takes it along, or session-diagnostics export --spool.'
      : `Send it later: session-diagnostics export ${place.name}`;
    terminal.err(`session-diagnostics: ${notSent(place.name, endpoint, sent)} ${later}`);
  } catch (error) {
    terminal.err(`session-diagnostics: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Longer than anybody waits who has not meant it. */
const FLUSH_MS = 600_000;

/** Sends what waits on a log root. */
export async function exportSpool(context: CommandContext, endpoint: string): Promise<void> {
  const root = chosenRoot(context);
  const { origin } = new URL(endpoint);
  const receiver = await receiverAt(endpoint, context);
  const { sent, dropped, why } = await flushSpool(root, receiver.send, FLUSH_MS);
  const left = spoolSize(root);
  const gone = dropped === 0 ? '' : ` ${dropped} could not be read or were refused for good.`;
  const told = `Sent ${sent} waiting ${sent === 1 ? 'session' : 'sessions'} to ${origin}.${gone}`;
  if (why === undefined && left === 0) return context.terminal.err(told);
  const reason = why === undefined ? 'another process sends them' : why;
  throw new CommandError(`${told} ${left} still wait (${reason}). Send them later: session-diagnostics export --spool`);
}
