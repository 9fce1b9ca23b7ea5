import { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';

/** Reads what a server asks of the client. Throws `arguments-invalid` or `output-withheld`. */
export function createScanAsk(
  harmless: (params: JsonObject) => Promise<boolean>,
): (method: string, params: JsonObject) => Promise<void> {
  return async function scanAsk(method, params) {
    // A client may show what is no text in its own way, and then without its origin.
    if (method === 'elicitation/create' && typeof params['message'] !== 'string')
      throw new Denial('arguments-invalid', 'Cannot ask the client: there is no message');
    if (!(await harmless(params)))
      throw new Denial(
        'output-withheld',
        `Cannot ask the client: what ${method} says looks like an injection`,
      );
  };
}
