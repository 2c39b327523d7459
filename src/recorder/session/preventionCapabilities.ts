import type { Capability } from '../coroner/capabilities.ts';
import { limitPlaces } from '../run/limitGroups.ts';

/** Which ways to die less often this machine allows, and what would allow the rest. */
export function preventionCapabilities(native: string | undefined, platform = process.platform): readonly Capability[] {
  if (platform !== 'linux') return [];
  const protect: Capability = {
    name: '--protect',
    status: 'ok',
    detail: 'raises the oom_score_adj of what the agent starts, which needs no right',
  };
  const guard: Capability = {
    name: '--guard',
    status: 'ok',
    detail: 'stops processes of this user by signals, and the watchdog beside the recorder lets them go on',
  };
  return [protect, guard, limitCapability(native)];
}

function limitCapability(native: string | undefined): Capability {
  const name = '--memory-limit, --pids-limit, --cpu-limit';
  if (native === undefined) {
    return {
      name,
      status: 'missing',
      detail: 'the native program sets them, and it is not there',
      advice: 'On Linux with a C compiler `npm run build` makes it.',
    };
  }
  const place = limitPlaces();
  if (place !== undefined) return { name, status: 'ok', detail: `control groups of version ${place.slice(1)}` };
  return {
    name,
    status: 'missing',
    detail: 'no control group can be made here',
    advice:
      'Root may make them. For a user, systemd hands them down in its own session (`systemctl --user`), a service with `Delegate=yes`, and a container that is started with its groups writable.',
  };
}
