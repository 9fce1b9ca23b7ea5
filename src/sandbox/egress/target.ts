/** Where a container finds its way out. */
export const EGRESS_TARGET = '/run/egress';
