import type { Reply } from '../call.ts';
import { Denial } from '../denial.ts';
import type { Gate } from '../gate.ts';
import type { Frame } from './channel.ts';
import type { RequestId } from './frames.ts';
import { mayWait } from './in-wait.ts';
import { denialFrame, replyFrame } from './reply.ts';

/** The answer that a reply is. Where it has to wait for its client, what was switched off meanwhile is kept back. */
export function createAnswerOf({
  refuseKilled,
  note,
}: Pick<Gate, 'refuseKilled' | 'note'>): (id: RequestId, reply: Reply) => Frame {
  return function answerOf(id, reply) {
    const { call } = reply.scanned.output.raw.grant.permit;
    const frame = replyFrame(id, reply);
    return mayWait(frame, () => {
      try {
        refuseKilled(call);
        return frame;
      } catch (thrown) {
        const denial = Denial.from(thrown);
        const { traceId, method, session } = call;
        const reason = 'an answer that waited is kept back';
        note('frame-refused', session, { reason, method, code: denial.code, traceId });
        return denialFrame(id, method, denial, traceId);
      }
    });
  };
}
