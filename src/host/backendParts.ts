/** What `dist/backendParts.cjs` holds: a bundle of its own, because it is nine tenths of the code and needed late. */
import { createRootWatcher } from './rootWatcher.ts';
import { startServer } from './serverLink.ts';

export { createRootWatcher, startServer };
