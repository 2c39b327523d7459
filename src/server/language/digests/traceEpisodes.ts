import { dirname, join } from 'node:path';
import type { Episode } from '../../../core/anomalies/episodes.ts';
import { recordedEpisodes } from './judgedEpisodes.ts';
import type { FileDigests } from './fileDigests.ts';
import type { LogDocument } from '../documents/logDocument.ts';

/** The episodes on the samples of a trace or its tree: as recorded beside it, else as the trace is judged here. */
export async function traceEpisodes(document: LogDocument, digests: FileDigests): Promise<readonly Episode[]> {
  const recorded = await recordedEpisodes(document, digests);
  if (recorded !== undefined) return recorded;
  const { kind, path } = document;
  if (kind === 'proc_trace') return (await digests.judged.ofDocument(document)) ?? [];
  return path === undefined ? [] : ((await digests.judged.ofFile(join(dirname(path), 'proc_trace.jsonl'))) ?? []);
}
