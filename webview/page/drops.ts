import { MOST_DROPPED_BYTES } from '../../src/core/panel/dropped.ts';
import type { HostLink } from '../parts/hostLink.ts';

/** The editor's own lists, then everybody's. */
const ADDRESSES = ['application/vnd.code.uri-list', 'text/uri-list'];

/** Files that are dropped on the page: from the editor's lists by their addresses, from elsewhere by their content. */
export function takeDrops(page: HTMLElement, link: HostLink): void {
  const isOver = (over: boolean): void => void page.classList.toggle('is-dropped-on', over);
  page.addEventListener('dragover', (event) => {
    const types = event.dataTransfer?.types ?? [];
    if (!types.includes('Files') && !ADDRESSES.some((type) => types.includes(type))) return;
    event.preventDefault();
    isOver(true);
  });
  page.addEventListener('dragleave', () => isOver(false));
  page.addEventListener('drop', (event) => {
    isOver(false);
    const { dataTransfer } = event;
    if (dataTransfer === null) return;
    event.preventDefault();
    const uris = ADDRESSES.flatMap((type) => dataTransfer.getData(type).split(/\r?\n/)).filter((uri) =>
      uri.startsWith('file:'),
    );
    if (uris.length > 0) return link.post({ type: 'dropped', uris: [...new Set(uris)].slice(0, 10) });
    const [file] = dataTransfer.files;
    if (file !== undefined && file.size <= MOST_DROPPED_BYTES) void send(file, link);
  });
}

async function send(file: File, link: HostLink): Promise<void> {
  link.post({ type: 'droppedFile', name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
}
