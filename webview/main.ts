import { EditorLink } from './parts/hostLink.ts';
import { Panel } from './page/panel.ts';
import { SharedLink, sharedPageIn } from './page/sharedLink.ts';
import { registerComponents } from './parts/toolkit.ts';

registerComponents();
// The same page in the editor and in a file that somebody was sent.
const shared = sharedPageIn(document);
const link = shared === undefined ? new EditorLink() : new SharedLink(shared);
new Panel(link, document.getElementById('panel') ?? document.body).start();
