/** Stands in for an agent in the demo: it talks, starts a helper now and then, and leaks a little memory. */
import { spawn } from 'node:child_process';

const LEAK_BYTES_PER_SECOND = 3 * 1024 * 1024;
/** Enough to see, never enough to hurt the machine. */
const MOST_BYTES = 400 * 1024 * 1024;

const leaked: Buffer[] = [];
let seconds = 0;
setInterval(() => {
  seconds += 1;
  // Filled, because memory that is not written to is not resident.
  if (leaked.length * LEAK_BYTES_PER_SECOND < MOST_BYTES) leaked.push(Buffer.alloc(LEAK_BYTES_PER_SECOND, seconds));
  console.log(`step ${seconds}: ${leaked.length * 3} MiB kept`);
  if (seconds % 7 === 0) spawn('sleep', ['4'], { stdio: 'ignore' });
}, 1000);
