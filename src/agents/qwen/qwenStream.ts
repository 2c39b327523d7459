import { readClaudeStream } from '../claude/claudeStream.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

/** `qwen --output-format stream-json`: Claude Code's envelope, with Gemini's report of a shell command inside. */
export const qwenStream: TranscriptFormat = {
  name: 'qwen_stream',
  recognises: (record) =>
    record['type'] === 'system' &&
    typeof record['session_id'] === 'string' &&
    (record['qwen_code_version'] !== undefined || record['permission_mode'] !== undefined),
  // A call that failed without a report of its command was refused before it ran.
  open: () => readClaudeStream({ isRefusedWithoutReport: true }),
};
