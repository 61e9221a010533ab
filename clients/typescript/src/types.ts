import type { components } from './schema.js';

// The document's types, by the names that programs use.

type Schemas = components['schemas'];

export type Accepted = Schemas['AcceptedMessage'];
export type Batch = Schemas['Batch'];
export type BatchAnswer = Schemas['BatchAnswer'];
export type BatchResult = Schemas['BatchResult'];
export type Class = Schemas['Class'];
export type Conversation = Schemas['Conversation'];
export type DetailedMessage = Schemas['MessageWithTimeline'];
export type DisabledWebhook = Schemas['WebhookDisabledEvent'];
export type FieldError = Schemas['FieldError'];
export type ListedOptOut = Schemas['ListedOptOut'];
export type LoggedIn = Schemas['LoggedIn'];
export type Me = Schemas['Me'];
export type Message = Schemas['Message'];
export type Preview = Schemas['Preview'];
export type Problem = Schemas['Problem'];
export type Sender = Schemas['Sender'];
export type Status = Schemas['Status'];
export type Step = Schemas['Step'];
export type Text = Schemas['SendMessage'];

/** What the messenger tells an endpoint. */
export type WebhookEvent =
  | Schemas['MessageReceived']
  | Schemas['MessageUpdated']
  | Schemas['MessageDeleted']
  | Schemas['TestEvent'];
