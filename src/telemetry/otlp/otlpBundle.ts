/** What `dist/otlp.js` holds: OpenTelemetry's SDK, which only an export needs. */
import { sendOtlp } from './otlpSend.ts';

export { sendOtlp };
