/** The server did nothing about what was sent to it: it knows neither the session nor the form. It may be sent again. */
export class NotServed extends Error {
  override readonly name = 'NotServed';
}
