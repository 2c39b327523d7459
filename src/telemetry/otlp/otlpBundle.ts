/** What `dist/otlp.js` holds: OpenTelemetry's SDK, which only an export needs. */
import { otlpRequests, SIGNALS } from './otlpRequests.ts';
import { sendRequests } from './otlpSend.ts';

export { otlpRequests, sendRequests, SIGNALS };
