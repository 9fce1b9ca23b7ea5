/** Stands in a set of facts where a value has several readings or none: a policy that lists what is fine refuses it. */
export const UNCLEAR = 'unclear';
