// In a variable, and without a bundler's help, because browsers have no such module and need none.
const NODE = 'node:crypto';

/** The platform's cryptography; Node 18 has it only in a module. */
export async function platformCrypto(): Promise<Crypto> {
  if (globalThis.crypto !== undefined) return globalThis.crypto;
  const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ NODE)) as { webcrypto: Crypto };
  return module.webcrypto;
}

/** 128 random bits. Works without TLS, too, where browsers have no `randomUUID`. */
export async function randomKey(): Promise<string> {
  const bytes = (await platformCrypto()).getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
