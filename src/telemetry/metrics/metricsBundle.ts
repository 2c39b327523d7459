/** What `dist/metrics.js` holds: a bundle of its own, because a recorder must not carry what only `metrics` needs. */
import { createMetricsExporter } from './metricsExporter.ts';
import { serveMetrics } from './metricsServer.ts';

export { createMetricsExporter, serveMetrics };
