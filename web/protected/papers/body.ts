/** What is sent to be printed or filed: the same bytes for the same petition, so that what she signs is what a lawyer files. */
import { filed, type Answers, type Form } from './answers';
import type { Added } from './attach';
import { bytesOf, type Bytes } from './seal';

const LENGTH_BYTES = 4;

export function bodyOf(form: Form, doc: { petition_id: string; answers: Answers }, exhibits: Added[], sheet: 'petition' | 'court-only' | null): Bytes {
  const head = bytesOf(
    JSON.stringify({
      form_id: form.form_id,
      petition_id: doc.petition_id,
      answers: filed(form, doc.answers),
      exhibits: exhibits.map(({ body, ...one }) => ({ ...one, length: body.length })),
      sheet,
    }),
  );
  const parts = [new Uint8Array(LENGTH_BYTES), head, ...exhibits.map((one) => one.body)];
  new DataView(parts[0]!.buffer).setUint32(0, head.length);
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  parts.reduce((at, one) => (whole.set(one, at), at + one.length), 0);
  return whole;
}
