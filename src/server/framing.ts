/** Longer than any message of an editor: a whole document of this size is not opened by one. */
const MAX_BODY = 256 * 1024 * 1024;
const MAX_HEADERS = 8192;
const HEADERS_END = '\r\n\r\n';

/**
 * Follows the framing of a stream of messages (`Content-Length: 5\r\n\r\nhello`) and tells when it is broken. The
 * library that reads the messages reports that and waits for ever; where the next message begins is lost, so all that
 * can be done is to end and be started again.
 */
export function followFraming(onBroken: (why: string) => void): (chunk: Uint8Array) => void {
  let headers = '';
  let bodyLeft = 0;
  let isBroken = false;
  const broken = (why: string): void => {
    isBroken = true;
    onBroken(why);
  };
  return (chunk) => {
    for (let at = 0; at < chunk.length && !isBroken;) {
      if (bodyLeft > 0) {
        const taken = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= taken;
        at += taken;
        continue;
      }
      headers += String.fromCharCode(chunk[at] ?? 0);
      at += 1;
      if (headers.length > MAX_HEADERS) broken(`no message began within ${MAX_HEADERS} bytes`);
      else if (headers.endsWith(HEADERS_END)) {
        const length = bodyLength(headers);
        if (length === undefined) broken('a message without a usable Content-Length');
        bodyLeft = length ?? 0;
        headers = '';
      }
    }
  };
}

/** As strict as the library: what it cannot read must not pass here. */
function bodyLength(headers: string): number | undefined {
  const lines = headers.slice(0, -HEADERS_END.length).split('\r\n');
  if (!lines.every((line) => /^[\w-]+:/.test(line))) return undefined;
  const given = /^content-length:[ \t]*(\d{1,9})[ \t]*$/im.exec(lines.join('\n'))?.[1];
  const length = given === undefined ? undefined : Number(given);
  return length !== undefined && length <= MAX_BODY ? length : undefined;
}
