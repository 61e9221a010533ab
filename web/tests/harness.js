import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

/** @import { Browser, BrowserContextOptions, Page } from 'playwright-core' */
/** @import { ChildProcess } from 'node:child_process' */

/** Nothing here takes longer than this, in milliseconds, unless it is broken. */
const PATIENCE = 60_000;

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

const HOW = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS };

/** A messenger of its own with its simulator, and a browser. */
export class World {
  /**
   * @param {Browser} browser
   * @param {string} url
   * @param {string} phones the simulator's page
   * @param {(...command: string[]) => Promise<string>} admin does what an operator does, and answers what they see
   * @param {() => Promise<void>} stop
   */
  constructor(browser, url, phones, admin, stop) {
    this.browser = browser;
    this.url = url;
    this.phones = phones;
    this.admin = admin;
    this.stop = stop;
    /** What no page may do, whatever is tested. @type {string[]} */
    this.faults = [];
  }

  /** Opens a tab. @param {BrowserContextOptions} [options] */
  async tab(options = {}) {
    const context = await this.browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1280, height: 800 },
      // What it asks no test could see or change.
      serviceWorkers: 'block',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    this.watch(page);
    return page;
  }

  /** Starts a browser of its own that keeps what browsers keep. @param {string} directory */
  async browserAt(directory) {
    const context = await chromium.launchPersistentContext(directory, { ...HOW, locale: 'en-GB', viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(PATIENCE);
    return context;
  }

  /** @param {Page} page */
  watch(page) {
    page.on('pageerror', (error) => this.faults.push(String(error.stack)));
    page.on('dialog', (dialog) => this.faults.push(`a dialog: ${dialog.message()}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) this.faults.push(message.text());
    });
    page.on('request', (request) => {
      const ours = [this.url, new URL(this.phones).origin, 'data:', 'blob:'];
      if (!ours.some((origin) => request.url().startsWith(origin))) this.faults.push(`a request to ${request.url()}`);
    });
  }

  /** Asks the simulator. @param {string} path @param {object} [body] @param {string} [method] @returns {Promise<any>} */
  async simulator(path, body, method = 'POST') {
    const init = body && { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`${this.phones}/${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** What arrived at a number, or went out from it. @param {string} number @returns {Promise<any[]>} */
  at(number) {
    return this.simulator(`messages?to=${encodeURIComponent(number)}`);
  }

  /** A handset writes to us. @param {string} from @param {string} body */
  reply(from, body) {
    return this.simulator('inbound', { from, body });
  }
}

/** Starts what the variables `MYSMS` (a program) or `MYSMS_URL` (one that runs) say. */
export async function start() {
  const [messenger, browser] = await Promise.all([
    process.env.MYSMS_URL ? running(process.env.MYSMS_URL) : launch(),
    chromium.launch(HOW),
  ]);
  const { url, admin } = messenger;
  const told = /** @type {any} */ (await (await fetch(`${url}/client.json`)).json());
  return new World(browser, url, told.simulator_page, admin, async () => {
    await browser.close();
    await messenger.stop();
  });
}

/** @param {string} url */
const running = (url) => ({
  url,
  /** @returns {Promise<string>} */
  admin: () => Promise.reject(new Error('the program of MYSMS_URL is not known')),
  stop: async () => {},
});

async function launch() {
  const program = process.env.MYSMS;
  if (!program) throw new Error('MYSMS must name the program');
  const data = await mkdtemp(join(tmpdir(), 'mysms-web-'));
  // Whatever this shell's environment says, no text made up here may go out.
  const env = {
    SMS_PROVIDER: 'simulator',
    DATA_DIR: data,
    PORT: '0',
    RUST_LOG: 'warn',
    AUTH_ATTEMPTS_PER_MINUTE: '100000',
    ACCOUNT_ATTEMPTS_PER_MINUTE: '100000',
  };
  const child = spawn(program, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const admin = async (/** @type {string[]} */ ...command) => (await promisify(execFile)(program, ['admin', ...command], { env })).stdout;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  return { url: await listening(child), admin, stop };
}

/** @param {ChildProcess} child @returns {Promise<string>} where it listens */
function listening(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      said += text;
      const url = /listens on (http:\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`mysms ended with ${code}: ${said}`)));
    setTimeout(() => reject(new Error(`mysms does not start: ${said}`)), PATIENCE).unref();
  });
}

/** Waits until something holds. @param {string} what @param {() => Promise<boolean> | boolean} holds */
export async function until(what, holds) {
  const end = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const axeSource = () => readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
