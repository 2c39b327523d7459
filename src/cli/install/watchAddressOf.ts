import { watchAddress, WATCH_NAME_VARIABLE } from '../../core/session/watchStatus.ts';
import type { CommandContext } from '../command.ts';

/** Where the `watch` of this user listens, if one runs. */
export function watchAddressOf({ env }: Pick<CommandContext, 'env'>): string {
  return watchAddress(process.geteuid?.() ?? 0, env[WATCH_NAME_VARIABLE]);
}
