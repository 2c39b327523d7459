import { HostLink } from './hostLink.ts';
import { Panel } from './panel.ts';
import { registerComponents } from './toolkit.ts';

registerComponents();
new Panel(new HostLink(), document.body).start();
