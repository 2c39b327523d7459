import { HostLink } from './parts/hostLink.ts';
import { Panel } from './page/panel.ts';
import { registerComponents } from './parts/toolkit.ts';

registerComponents();
new Panel(new HostLink(), document.body).start();
