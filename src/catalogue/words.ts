/** What words in names and descriptions say about what a tool does. */
import type { CapabilityClass } from '../call.ts';
import { normalForm } from '../lib/normal-form.ts';

type Lexicon = ReadonlyMap<string, readonly CapabilityClass[]>;

/** Case, width, accents and ligatures removed, so that `Löschen` and `LOSCHEN` are one word. */
export function fold(text: string): string {
  return normalForm(text, 'NFKD').replace(/\p{M}/gu, '').normalize('NFC').toLowerCase();
}

function lexicon(rows: readonly (readonly [readonly CapabilityClass[], string])[]): Lexicon {
  const words = new Map<string, CapabilityClass[]>();
  for (const [classes, list] of rows)
    for (const word of fold(list).split(/\s+/u).filter(Boolean))
      words.set(word, [...(words.get(word) ?? []), ...classes]);
  return words;
}

/** Verbs that are seldom nouns: they count wherever they stand. */
export const VERBS: Lexicon = lexicon([
  [
    ['read'],
    `get list read search find describe show view lookup look count check inspect retrieve stat head tail cat ls grep
     glob peek preview explain compare diff summarize summarise analyze analyse validate verify lint enumerate calculate
     compute parse detect recommend examine
     lesen suchen anzeigen leer buscar listar obtener mostrar lire chercher rechercher lister afficher obtenir ler obter
     leggere cercare elencare lezen zoeken
     读取 讀取 获取 查看 查询 查詢 搜索 列出 取得 検索 表示 一覧 прочитать найти получить 읽기 검색 조회`,
  ],
  [
    ['write'],
    `write create update edit move add insert append put modify rename save store upsert replace assign unassign
     configure enable disable toggle mark unmark attach detach restore revert register mkdir touch chmod chown
     subscribe unsubscribe restart resume apply migrate provision generate fill click drag reopen unarchive unlock approve
     rotate checkin reject dismiss reschedule cordon uncordon rollout rebase
     cherrypick clone overwrite mv cp alter init
     schreiben erstellen anlegen aendern ändern aktualisieren speichern hinzufuegen hinzufügen escribir crear actualizar
     guardar modificar agregar añadir ecrire creer modifier enregistrer ajouter criar escrever atualizar salvar scrivere
     creare aggiornare schrijven
     写入 寫入 创建 創建 建立 新增 添加 修改 更新 編集 作成 書き込み 追加 создать записать изменить обновить 생성 쓰기 수정`,
  ],
  [
    ['destructive'],
    `delete remove drop truncate kill purge destroy erase wipe clear reset terminate shutdown uninstall rm rmdir del
     unlink prune overwrite revoke discard trash rollback evict drain flush flushall flushdb cancel decommission
     deprovision teardown obliterate expunge deregister unpublish nuke
     loeschen löschen entfernen borrar eliminar suprimir supprimer effacer excluir apagar remover eliminare cancellare
     verwijderen usunac usun
     删除 刪除 移除 清空 清除 削除 消去 удалить стереть очистить 삭제 제거`,
  ],
  [
    ['financial'],
    `pay refund purchase buy sell withdraw payout reimburse remit debit donate repay
     bezahlen zahlen ueberweisen überweisen erstatten pagar transferir reembolsar payer rembourser pagare
     支付 付款 转账 轉帳 退款 购买 支払い 送金 返金 購入 оплатить перевести 결제 송금 환불`,
  ],
  [
    ['code_execution'],
    `exec execute eval evaluate spawn ssh rerun install deploy interpret sudo
     ausfuehren ausführen ejecutar executer executar eseguire uitvoeren
     执行 執行 运行 実行 выполнить запустить 실행`,
  ],
  [['write'], 'install deploy rerun'],
  [
    ['external_communication'],
    `send publish upload fetch curl wget notify broadcast reply scrape crawl navigate goto download dispatch announce
     submit invite share tweet retweet sendmail push fork fill click
     senden schicken veroeffentlichen veröffentlichen enviar mandar publicar envoyer publier inviare pubblicare sturen
     发送 發送 发布 上传 送信 投稿 отправить опубликовать 전송 보내기`,
  ],
  [['write'], 'push fork submit share'],
]);

/** Verbs that are as often nouns (`get_post`): they count where a verb stands. */
export const VERBS_OR_NOUNS: Lexicon = lexicon([
  [
    ['write'],
    `set change tag label link copy lock branch stage star archive import merge patch commit checkout stash pull close
     start stop pause log record schedule trigger sync release comment block ban mute pin unpin complete transform
     process type press scale transition build make grant resolve hover register select`,
  ],
  [
    ['financial'],
    'charge transfer invoice order trade bill wire credit deposit swap bid book stake mint tip',
  ],
  [
    ['code_execution'],
    `run invoke shell bash zsh powershell cmd command terminal sql script code python javascript console repl
     call`,
  ],
  [
    ['external_communication'],
    'post mail email sms message dm request call dial chat comment forward relay export stream',
  ],
]);

/** What is written, published or paid: counts beside a verb that changes something. */
export const OBJECTS: Lexicon = lexicon([
  [
    ['financial'],
    `payment payments refund refunds invoice invoices charge charges transfer transfers payout payouts order orders
     subscription subscriptions purchase balance payroll dispute disputes price prices coupon coupons`,
  ],
  [
    ['external_communication'],
    `issue comment gist review tweet message email mail post reply webhook notification sms discussion story
     issues comments messages emails posts`,
  ],
  [
    ['code_execution'],
    'script workflow cron crontab hook webhook lambda macro procedure sql process processes',
  ],
]);

/** Verbs whose result is what they brought, though they go out for it. */
export const BRINGS: ReadonlySet<string> = new Set(['download', 'fetch', 'export', 'scrape']);

/** Words for the world outside: whatever is done with it leaves the house. */
export const OUTSIDE: ReadonlySet<string> = new Set(
  'web internet browser website webpage url urls http https'.split(' '),
);

/** Words that name credentials; reading them is enough. */
export const CREDENTIALS: ReadonlySet<string> = new Set(
  fold(
    `env envs environ environment environments getenv printenv dotenv secret secrets token tokens password passwords
     passwd passphrase credential credentials apikey apikeys vault keychain keyring kubeconfig oauth otp totp cookie
     cookies authenticate impersonate passwort kennwort contrasena senha 密码 密碼 パスワード пароль 비밀번호`,
  ).split(/\s+/u),
);

/** `api key`, `private key`, … in a name or a sentence. */
export const KEY_PHRASE =
  /(?:^|\s)(?:api|access|private|secret|signing|encryption|ssh|master)\s+keys?(?:\s|$)/u;

/** Names that read, but only when the annotation says so too. */
export const QUIET: ReadonlySet<string> = new Set(
  `tree info information status stats statistics version help ping echo open screenshot snapshot history logs metadata
   details schema health whoami time date weather query trace usage capabilities context docs documentation`.split(
    /\s+/u,
  ),
);

/** Verbs that only add: the default `destructiveHint: true` of MCP does not fit them. */
export const ADDITIVE: ReadonlySet<string> = new Set(
  'create add insert append send post reply publish upload notify register subscribe invite make mkdir'.split(
    ' ',
  ),
);

/** Stored content that belongs to somebody, and that somebody else may have written. */
export const STORED: ReadonlySet<string> = new Set(
  `file files filesystem directory directories folder folders document documents doc drive mail mails email emails inbox
   message messages chat chats channel channels conversation conversations thread threads calendar event events contact
   contacts customer customers user users account accounts database db sql table tables row rows record records memory
   note notes graph node nodes entity entities observations page pages attachment attachments transaction transactions
   payment payments invoice invoices order orders balance patient patients employee employees payroll profile profiles
   ticket tickets issue issues
   appointment appointments booking bookings reservation reservations meeting meetings invitation invitations agenda
   reminder reminders todo todos task tasks comment comments feedback lead leads deal deals contract contracts statement
   statements member members person people student students guest guests diagnosis diagnoses prescription prescriptions
   medication salary salaries phone insurance camera cameras device devices photo photos recording recordings transcript
   transcripts voicemail bookmark bookmarks spreadsheet spreadsheets mailbox purchase purchases
   repository repo commit commits pod pods log logs collection clipboard screen screenshot`.split(
    /\s+/u,
  ),
);
