import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAudit, type Audit, type AuditOptions } from '../../src/audit/audit.ts';
import { readAuditKey } from '../../src/audit/key.ts';
import { headPath, readHead } from '../../src/audit/head.ts';
import { verifyAudit, type Verification } from '../../src/audit/verify.ts';

/** A state folder of its own that is gone after the test. */
export class AuditPlace {
  readonly root = mkdtempSync(join(tmpdir(), 'sallyport-audit-'));
  readonly path = join(this.root, 'audit');
  readonly stateKeyPath = join(this.root, 'audit-key.json');
  readonly errors: string[] = [];

  async open(more: Partial<AuditOptions> = {}): Promise<Audit> {
    return await openAudit({
      path: this.path,
      stateKeyPath: this.stateKeyPath,
      arguments: 'digest',
      secrets: [],
      now: () => new Date(),
      onError: (error) => this.errors.push(error.message),
      ...more,
    });
  }

  /** As the command does it on the machine that wrote: key and head from the state. */
  async verify(path = this.path): Promise<Verification> {
    return await verifyAudit({
      path,
      publicKey: readAuditKey(this.stateKeyPath).publicKey,
      head: readHead(headPath(this.stateKeyPath, this.path)),
    });
  }

  segments(): string[] {
    return readdirSync(this.path)
      .filter((file) => file.endsWith('.jsonl'))
      .toSorted();
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  /** A second copy of the audit folder, to be damaged. */
  copy(name: string): string {
    const to = join(this.root, name);
    cpSync(this.path, to, { recursive: true });
    return to;
  }

  /** Everything below the state folder as one text. */
  everything(): string {
    return readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n');
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
