/** The server does not know what was sent to it: it did nothing about it, and may know it in another form. */
export class NotServed extends Error {
  override readonly name = 'NotServed';
}
