import { platformCrypto } from './crypto.js';
import { WebhookVerificationError } from './errors.js';
import type { WebhookEvent } from './types.js';

export { WebhookVerificationError } from './errors.js';
export type { WebhookEvent } from './types.js';

/** The headers of a request, as frameworks have them. */
export type HeaderSource = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** Seconds by which the clocks may differ. The default is 300. */
  tolerance?: number;
  /** Milliseconds since 1970, instead of the clock's. */
  now?: number;
}

/**
 * The event of a webhook, if the messenger signed it with one of the secrets (`whsec_…`) within the last
 * five minutes. Otherwise a `WebhookVerificationError` is thrown: answer 400.
 *
 * The body has to be as it came, byte by byte. The same `webhook-id` may come twice.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: HeaderSource,
  secret: string | readonly string[],
  options: VerifyOptions = {},
): Promise<WebhookEvent> {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  const { tolerance = 300, now = Date.now() } = options;
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookVerificationError('webhook-timestamp is not a number');
  if (Math.abs(now / 1000 - Number(timestamp)) > tolerance) {
    throw new WebhookVerificationError('webhook-timestamp is too far from now');
  }
  const payload = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), payload);
  for (const one of [secret].flat()) {
    if (await matches(signed, signatures, one)) return parse(payload);
  }
  throw new WebhookVerificationError('no signature matches');
}

/** Whether one of the signatures (`v1,… v1,…`) is made with the secret. */
async function matches(signed: Uint8Array<ArrayBuffer>, signatures: string, secret: string): Promise<boolean> {
  const { subtle } = await platformCrypto();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', secretBytes(secret), algorithm, false, ['verify']);
  for (const signature of signatures.split(' ')) {
    const [version, value = ''] = signature.split(',', 2);
    const bytes = version === 'v1' ? decode(value) : null;
    // Compares in a time that does not depend on where they differ.
    if (bytes !== null && (await subtle.verify(algorithm, key, bytes, signed))) return true;
  }
  return false;
}

function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = decode(secret.replace(/^whsec_/, ''));
  if (bytes === null || bytes.length === 0) throw new TypeError('a webhook secret is whsec_ and base64');
  return bytes;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function header(headers: HeaderSource, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : fromRecord(headers, name);
  if (!value) throw new WebhookVerificationError(`${name} is missing`);
  return value;
}

function fromRecord(headers: Exclude<HeaderSource, Headers>, name: string): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found : found?.join(' ');
}

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function parse(payload: Uint8Array): WebhookEvent {
  return JSON.parse(new TextDecoder().decode(payload)) as WebhookEvent;
}
