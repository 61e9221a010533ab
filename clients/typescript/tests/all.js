import './calls.js';
import './retries.js';
import './events.js';
import './webhooks.js';
import './browser.js';
