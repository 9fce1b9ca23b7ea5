/** The server that the gateway itself is, in policies and in the audit; no upstream can have this name. */
export const OWN_SERVER = 'sallyport';
export const SUBMIT = 'plan_submit';
export const RUN = 'plan_run';
export const STATUS = 'plan_status';
export const CANCEL = 'plan_cancel';
