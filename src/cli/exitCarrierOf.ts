import { findExitCarrier, type ExitCarrier } from '../recorder/coroner/exitCarrier.ts';
import type { CommandContext } from './command.ts';
import { nativeProgram } from './launcher.ts';

/** Who asks the kernel how processes end that are not ours. */
export function exitCarrierOf({
  programPath,
  env,
}: Pick<CommandContext, 'programPath' | 'env'>): ExitCarrier | undefined {
  return findExitCarrier(nativeProgram(programPath, env), env);
}
