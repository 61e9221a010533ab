/**
 * The API's types, by the names that the pages use. They are those of the TypeScript client, which are
 * made from the API's document.
 *
 * @import { components } from '../../clients/typescript/src/schema.js'
 *
 * @typedef {components['schemas']} Schemas
 *
 * @typedef {Schemas['AcceptedMessage']} Accepted
 * @typedef {Schemas['ApiKey']} ApiKey
 * @typedef {Schemas['BatchAnswer']} BatchAnswer
 * @typedef {Schemas['BatchPreview']} BatchPreview
 * @typedef {Schemas['BatchRefusal']} BatchRefusal
 * @typedef {Schemas['Class']} Class
 * @typedef {Schemas['ClientSettings']} ClientSettings
 * @typedef {Schemas['ConsentEntry']} ConsentEntry
 * @typedef {Schemas['ConsentState']} ConsentState
 * @typedef {Schemas['Contact']} Contact
 * @typedef {Schemas['ContactBatchAnswer']} ContactBatchAnswer
 * @typedef {Schemas['ConversationMarks']} ConversationMarks
 * @typedef {Schemas['CreateKey']} NewKey
 * @typedef {Schemas['KeyMode']} KeyMode
 * @typedef {Schemas['LiftedOptOut']} LiftedOptOut
 * @typedef {Schemas['ListedOptOut']} ListedOptOut
 * @typedef {Schemas['LoggedIn']} Login
 * @typedef {Login & {username: string, kept: boolean}} Refreshed
 * @typedef {Schemas['Me']} Me
 * @typedef {Schemas['Medium']} Medium
 * @typedef {Schemas['OptOut']} OptOut
 * @typedef {Schemas['Pause']} Pause
 * @typedef {Schemas['Preview']} Preview
 * @typedef {Schemas['Push']} Push
 * @typedef {Schemas['Scope']} Scope
 * @typedef {Schemas['Sender']} Sender
 * @typedef {Schemas['SessionView']} Session
 * @typedef {Schemas['Status']} Status
 * @typedef {Schemas['Step']} Step
 * @typedef {Schemas['Template']} Template
 * @typedef {Schemas['Upload']} Upload
 * @typedef {Schemas['WantedPush']} WantedPush
 * @typedef {Schemas['Webhook']} Webhook
 * @typedef {Schemas['WebhookAnswer']} WebhookAnswer
 * @typedef {Schemas['WebhookDelivery']} WebhookDelivery
 * @typedef {Schemas['WebhookWithSecret']} RevealedWebhook
 * @typedef {Schemas['WebhookDisabledEvent']} DisabledWebhook
 *
 * @typedef {Schemas['QuietHours']} QuietHours
 * @typedef {QuietHours['windows'][number]} QuietWindow
 * @typedef {NonNullable<QuietWindow['days']>[number]} Weekday
 * @typedef {Pick<Schemas['Settings'], 'quiet_hours' | 'smart_encoding'>} UserSettings
 *
 * Only what was erased has no counterpart, and that is shown to nobody.
 *
 * @typedef {Schemas['Message'] & {counterpart: string}} Message
 * @typedef {Schemas['MessageWithTimeline'] & {counterpart: string}} DetailedMessage
 * @typedef {Schemas['Conversation'] & {last_message: Message}} Conversation
 */

/**
 * A part of a list, and where the next one begins, and the one before, if that is known.
 *
 * @template T
 * @typedef {{items: T[], next: string | null, previous: string | null}} Page
 */

export {};
