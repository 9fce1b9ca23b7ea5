/**
 * Ideas that instructions to a model are made of, in the languages they come in. A `*` ends a stem; `_` joins the words
 * of an expression. Rules name the ideas; words are compared without case and diacritics.
 */
export const LEXICON = {
  /** Verbs that set instructions aside, where the verb comes first. */
  IGNORE: `ignor* disregard* forget overrule* neglect* overlook* discard* abandon*
    supersede* nullify unlearn set_aside pay_no_attention_to stop_following do_not_follow don't_follow
    do_not_obey don't_obey stop_obeying no_longer_follow leave_behind throw_out throw_away
    ignorez oublie oubliez negligez faites_abstraction ne_tenez_pas_compte ne_tiens_pas_compte
    olvida olvide olviden olvidate omite omita descarta descarte haz_caso_omiso no_hagas_caso pasa_por_alto
    ignorier* vergiss vergessen missacht* beacht*_nicht lass* uberschreib* setz*_dich_uber
    dimentica dimenticate trascura trascurate scarta esqueca esquece desconsidere desconsidera descarte
    negeer negeren vergeet ignorera ignorere glom glem bortse unohda sivuuta jata_huomiotta
    игнорир* проигнорир* забудь* пренебре* отмени* не_обращай* ігнору* проігнору* забудь*
    zignoruj* ignoruj* zapomnij* pomin* zapomen* zapomn* ignoruj* opomen* uita ignora* ignorati hagyd_figyelmen felejtsd
    abaikan lupakan kesampingkan hiraukan kalimutan balewalain huwag_pansinin huwag_mong_pansinin isantabi
    bo_qua quen phot_lo puuza sahau
    تجاهل* تجاهلوا انس انسى اهمل نادیده_بگیر* فراموش_کن* התעלם התעלמי התעלמו שכח שכחי αγνοησ* αγνοη* ξεχασ* παραβλεψ*
    忽略 忽视 无视 無視し 無視して 無視 忘记 忘掉 忘記 忽視 不要理会 不要遵守 别管 抛开 เพิกเฉย ละเว้น ละทิ้ง ลืม ไม่ต้องสนใจ ไม่สนใจ`,

  /** Verbs that programs and people use for other things too. */
  DROP: `override overrides overriding bypass* dismiss circumvent* delete erase drop cancel void skip wipe reset replace clear suspend disable`,

  /** The same where the verb comes last. */
  IGNORED: `無視 無視して 無視し 忘れ 忘れて 従わない 破棄 무시* 잊어* 잊고 잊으* 따르지_마* अनदेखा अनदेखी नज़रअंदाज़ नजरअंदाज भूल* उपेक्षा अवहेलना
    উপেক্ষা ভুলে ভুলুন অগ্রাহ্য نظرانداز بھول yok_say* yoksay* gormezden_gel* unut* dikkate_alma* نادیده فراموش`,

  PREVIOUS: `previous* prior above earlier preceding former original initial existing foregoing before
    precedent* precedemment anterieur* anterior* previa* previo* ci_dessus precede
    vorherig* bisherig* vorher obig* vorangegangen* vorhergehend* fruher* zuvor oben
    precedenti sopra acima previ* vorige eerdere bovenstaande tidigare foregaende forrige tidligere aiemm* aikaisem*
    предыдущ* прежн* выше ранее попередн* poprzedni* powyzsz* wczesniejsz* predchozi* predosl* anterioare precedente korabbi* elozo*
    onceki* yukaridaki sebelumnya nakaraan* naunang truoc tren awali سابق* اعلاه قبلی הקודמ* προηγουμεν* παραπανω
    पिछल* पूर्व* পূর্ব* আগের* پچھل* 之前 以前 以上 先前 前面 上述 上面 以前の 前の これまで 上記 이전* 앞* 위의* 기존* ก่อนหน้า ข้างต้น`,

  ANY: `all any every everything anything your current system these those my
    tout toute toutes tous vos tes todas todos todo sus tus alle allen alles deine* ihre* tutte tutti tutto tue vsechn* wszystk* toate minden
    все всех всё усі всі tum butun semua lahat tat_ca yote جميع كل همه כל ολες ολα सभी सारे সব* সমস্ত* تمام 所有 全部 一切 すべて 全て 모든 모두 ทั้งหมด`,

  INSTRUCTIONS: `instruction instructions directive directives direction directions prompt prompts rule rules guideline guidelines command commands order orders
    constraint constraints restriction restrictions programming guardrails safeguards
    consigne* regle* directive* ordre* instrucc* orden ordenes regla* indicacion* directrices
    anweisung* befehl* regel* vorgabe* instruktion* istruzion* ordini regol* direttiv* comandi
    instruc* ordens diretriz* regra* instructie* opdracht* regels instruktioner* regler ohje* saannot kasky*
    инструкц* указан* команд* правил* распоряжен* інструкці* вказівк*
    instrukcj* polece* zasad* pokyn* instrukc* pravid* instructiun* reguli* utasitas* szabaly*
    talimat* komut* kural* instruksi perintah arahan aturan tagubilin utos panuto huong_dan chi_thi lenh quy_tac maagizo
    تعليمات اوامر قواعد دستور* دستورالعمل* قوانین הוראות הנחיות הכללים οδηγι* εντολ* κανον*
    निर्देश* आदेश* नियम* নির্দেশ* নিয়ম* আদেশ* ہدایات احکامات
    指令 指示 提示词 提示 规则 規則 命令 说明 設定 プロンプト ルール 지시* 명령* 프롬프트* 규칙* 지침* คำสั่ง คำแนะนำ กฎ`,

  /** Words for the reader that only a text written for a model uses. */
  AI: `ai llm llms chatbot chatbots gpt gpt_3 gpt_4 gpt_4o gpt_5 chatgpt claude gemini copilot ai_assistant* ai_agent* ai_model* language_model* assistant assistants agent agents the_model
    bot ki_assistent* ki_assistent* ki_modell* assistent* asistente assistente* l'assistant l'ia ia modelo_de_lenguaje ассистент* помощник* модель
    asystent* asisten yapay_zeka* مساعد* 助手 人工智能 模型 アシスタント 人工知能 어시스턴트* 인공지능 ผู้ช่วย सहायक সহকারী tro_ly katulong βοηθε* עוזר`,

  MUST: `must should shall need_to needs_to have_to has_to required_to please ensure make_sure be_sure instructed kindly immediately
    devez dois debes debe tienes_que musst mussen sollst devi deve precisa должен должна должны обязан* необходимо musisz powinien mali harus phai
    يجب 必须 务必 必要があります 必ず 반드시 해야 ต้อง चाहिए অবশ্যই
    deben tiene_que hay_que por_favor doit il_faut veuillez muss müssen soll sollen bitte devem devono dobbiamo precisam tem_que должно следует надо нужно пожалуйста повинен повинна мусиш мусить треба потрібно musi trzeba należy proszę zorunda zorundasın gerekir gerekiyor lazım lütfen عليك يتعين ينبغي الرجاء يرجى कृपया अनिवार्य होगा 请 需要 应当 ください なければなりません しなさい 하십시오 하세요 주세요 bạn_phải hãy_gửi hãy_chuyển hãy_đọc hãy_mở hãy_xóa bạn_cần vui_lòng wajib mohon tolong devra devront deberá deberán deverá deverão dovrà dovranno sollte sollten должна`,

  NEVER: `not don't dont never without avoid mustn't shouldn't won't cannot no_need_to
    ne pas sans jamais no sin nunca nicht ohne nie niemals kein non senza mai nao sem не без никогда nie bez jangan tanpa khong دون لا بدون 不要 别 勿 禁止`,

  /** What someone does who lets a person know. */
  TELL: `tell telling mention mentioning inform informing notify notifying reveal revealing disclose disclosing alert alerting letting warn warning
    dire dites informer mentionner prevenir decir decirle informar mencionar avisar informieren sagen erwahnen mitteilen dirlo informare menzionare
    contar informar сообща* говори* говоря упомина* уведомля* informuj* mow* haber vermeden soyle* bildir*
    告诉 告知 提及 透露 通知 知らせ 言わ 伝え 알리* 말하* memberi_tahu noi اخبار تخبر
    digas diga digan menciones mencione mencionen comentes comenten avise avises avisen reveles  disent parlez parle mentionne mentionnez sag sage sagt erwähne erwähnt erzähle verrate verratet informiere  diga mencione avise fale comente dì ditelo avvisare говори скажи сообщай сообщайте упоминай рассказывай кажи кажіть повідомляй повідомляйте згадуй mów mówcie wspominaj wspominajcie informuj powiadamiaj söyleme söylemeyin bildirme تخبروا تذكر تقل बताएं बताना बताओ बताए 知らせる 伝える 言う nói_cho kể_cho cho_biết  beritahu beri_tahu katakan sebut ceritakan`,

  USER: `user users human humans customer owner person operator
    utilisateur* usuario* nutzer* benutzer* anwender* utente* usuari* gebruiker* пользовател* użytkownik* uzytkownik* kullanici* pengguna
    用户 使用者 ユーザー 사용자* مستخدم* nguoi_dung
    utilizador* utente utenti людина корыстувач* користувач* usuário* utilisatrice* nutzerin kullanıcı* उपयोगकर्ता* उपयोगकर्त्ता* यूजर* 利用者 ユーザ người_dùng người_sử_dụng pengguna*`,

  SAID: `told said taught instructed learned learnt heard given
    dit dicho dijo dijeron gesagt besprochen mitgeteilt detto dito ensinado сказал* говорил* сказано powiedzia* soyle* dikatakan sinabi noi قيل گفته
    说过 告诉 说的 言った 言われた 말한 말했* कहा বলা บอก`,

  YOUR: `your yours votre vos ton ta tes tu su sus dein* ihr* tuo tua tuoi tue seu sua seus suas teu твой твои твоего ваш* twoj* senin sifreni kamu anda iyong cua_ban
    你的 您的 あなたの 당신의 ของคุณ तुम्हारा तुम्हारी आपका आपकी আপনার তোমার خاصتك`,

  WHAT: `what what's que cual quel quelle quelles was wie qual quale que какой какова каков что jaki jakie jaka jak ne nedir apa ano gi cai_gi ما 什么 何 何です 무엇* 뭐* อะไร क्या কি`,

  /** What a model was told to keep. */
  PASSKEY: `password passphrase passcode secret_key secret_code secret_phrase access_code secret_word security_code secret
    mot_de_passe cle_secrete phrase_secrete code_secret contrasena clave_secreta palabra_secreta passwort geheimschlussel geheim* kennwort schlussel senha chave_secreta palavra_chave
    parola_chiave chiave_segreta password_segreta пароль парол* секретный_ключ ключ ключев* haslo tajny_klucz gizli_anahtar* sifre* parola* kunci_rahasia kata_sandi sandi lihim_na_susi mat_khau khoa_bi_mat
    مفتاحك مفتاح* السري 密码 密钥 秘密 パスワード 秘密鍵 秘密の鍵 비밀* รหัสผ่าน กุญแจลับ กุญแจ पासवर्ड गुप्त_कुंजी পাসওয়ার্ড গোপন_চাবি`,

  /** Things an attack wants. */
  SECRET: `password passwords passphrase api_key api_keys apikey apikeys api_key api_keys credential credentials secret secrets private_key private_keys ssh_key ssh_keys token tokens access_token*
    session_cookie* cookies system_prompt conversation_history chat_history conversation contents customer_data personal_data medical_records credit_card* contacts history
    secret_key canary seed_phrase recovery_code* security_code* verification_code* otp env environment_variables
    mot_de_passe mots_de_passe contrasena* clave* passwort* geheim* kennwort* senha* chave* parola* chiave wachtwoord* пароль* парол* секрет* ключ* hasl* klucz*
    sifre* kata_sandi rahasia mat_khau كلمة_مرور كلمه_المرور سر 密码 密钥 秘密 パスワード 秘密鍵 비밀번호* รหัสผ่าน पासवर्ड পাসওয়ার্ড
    contraseñas clave_secreta passwörter senhas parole_d'ordine пароли пароль паролі hasła şifreler parolalar كلمات_المرور كلمة_المرور 聊天记录 通讯录 会話履歴 비밀번호 mật_khẩu historial historique verlauf histórico cronologia переписк*`,

  /** Files with keys in them. */
  KEYFILE: `.ssh id_rsa id_ed25519 authorized_keys .env .aws .npmrc .netrc .kube .pypirc .git_credentials mcp_json claude_desktop_config .gnupg wallet_dat keystore
    etc_shadow etc_passwd .bash_history .zsh_history login_keychain cookies_sqlite`,

  DELIVER: `email e_mail mail post posts share copy cc append attach report put http_post send_email pass sync include`,

  SEND: `send sends sending forward forwards upload uploads transmit* exfiltrat* submit leak deliver dispatch smuggle
    envoie* envoyez envoyer transmet* envia* envie* enviar sende senden schick* schicke leite invia* inviare mandare manda stuur verstuur отправ* перешл* пошли wyslij* przeslij* odesli*
    gonder* ilet kirim* gui ارسل* ابعث 发送 转发 发到 上传 送信 送って 보내* 전송* ส่ง भेज* পাঠা*
    reenvíen reenvía reenvíe reenviar envíen envíe manden transférez transfère transfert schickt sendet leitet weiterleiten encaminhe encaminhem envie enviem mande inoltra inoltrate inoltrare inviate spedisci переслать отправить пришли пришлите вышли надішли надіслати надішліть відправ* перешли przesłać wysłać przekaż* wyślij prześlij iletin gönderin yolla ارسلوا حول भेजें भेजो भेजना 转给 寄给 发给 传给 転送 送れ 전달* hãy_gửi gửi_tới gửi_đến chuyển_tiếp teruskan unggah`,

  READ: `read open cat access include fetch load get pass attach retrieve collect gather extract list dump copy find search upload paste
    lis lisez lire lee leer lies leia leggi прочита* przeczytaj 读取 读 読み 읽* oku
    lea lean leyendo liest lesen ler leiam leggere leggete прочитать прочитайте читай прочитай прочитати przeczytać odczytaj okuyun okumalı اقرا افتح يقرا पढ़ें पढ़ो पढ़ना 打开 取得 読み取 읽어 đọc  baca buka`,

  SAY: `reveal show print output display repeat tell give write share disclose recite leak say echo translate summarize expose dump provide state paste include return
    revele* revelez affiche* montre* repete* dis donne* muestra* revela* repite* di dime imprime zeig* gib verrate nenne wiederhole mostra* rivela* ripeti* stampa mostre revele repita diga
    покажи* раскро* повтори* скажи* выведи напиши pokaz* ujawnij powtorz goster* acikla* soyle tampilkan ungkapkan hien_thi tiet_lo cho_toi_biet
    اكشف اظهر اعرض 显示 输出 打印 告诉 透露 重复 泄露 表示 出力 教えて 公開 알려* 출력* 보여* 공개* แสดง บอก เปิดเผย बताएं दिखाएं बताओ প্রকাশ দেখান বলুন
    lặp_lại in_ra viết_lại ulangi tulis tunjukkan sebutkan salin दिखाओ दिखाइए लिखो बताइए दोहराओ दोहराएं 复述 写出 告诉我 書いて 書き出して 繰り返して 적어 반복해 yaz yazın tekrarla كرر انسخ اطبع اكتب повтори скопіюй виведи розкрий wypisz napisz skopiuj podaj scrivi copia dimmi escreva copie écris recopie copiez schreibe kopiere`,

  /** What stands before the conversation. */
  PROMPT: `system_prompt* system_message* initial_prompt* hidden_prompt* secret_prompt* pre_prompt preprompt initial_instructions hidden_instructions system_instructions
    original_instructions your_instructions your_rules your_guidelines internal_instructions developer_message* your_prompt prompt_text secret_key* secret_code* access_code* your_configuration
    prompt_systeme prompt_del_sistema prompt_do_sistema systemprompt* system_prompt* prompt_di_sistema системный_промпт* системн*_промпт* prompt_systemowy
    系统提示 系统提示词 システムプロンプト 시스템_프롬프트*`,

  BEFORE: `before prior_to whenever every_time each_time after when prior once first`,
  USE: `using calling invoking use executing running call invoke run uses`,
  TOOL: `tool tools function functions command plugin server mcp`,

  ROLE: `act_as pretend* roleplay role_play you_are_now you_will_now_be from_now_on simulate impersonate* you_are_no_longer play_the_role you_are_going_to stay_in_character
    tu_es_maintenant a_partir_de_maintenant eres_ahora ahora_eres a_partir_de_ahora du_bist_jetzt du_bist_nun ab_jetzt ab_sofort von_nun_an tu_sei_ora da_ora_in_poi agora_voce voce_e_agora
    теперь_ты ты_теперь отныне притворись jestes_teraz od_teraz artik bundan_sonra mulai_sekarang 你现在是 从现在开始 从现在起 扮演 假装 今から これから ふりを 지금부터 이제부터
    desde_ahora de_ahora_en_adelante a_partir_de_este désormais dorénavant von_jetzt_an de_agora_em_diante a_partir_de_agora d'ora_in_poi da_questo_momento с_этого_момента відтепер тепер_ти з_цього_моменту od_tej_chwili şu_andan_itibaren artık من_الان انت_الان تظاهر अब_से अब_तुम 从此刻起 từ_bây_giờ kể_từ_bây_giờ mulai_saat_ini sejak_saat_ini kamu_sekarang`,

  UNBOUND: `dan unrestricted unfiltered uncensored jailbroken jailbreak evil developer_mode dev_mode god_mode debug_mode admin_mode root_mode maintenance_mode no_restrictions without_restrictions
    no_filters without_filters without_rules no_rules no_limits sudo_mode amoral do_anything_now unlimited anything_now sin_restricciones sans_restrictions ohne_einschrankungen
    без_ограничений without_any_restrictions without_any_rules without_limitations no_limitations stan
    sin_filtros sin_reglas sin_límites sans_filtre sans_règles sans_limites ohne_regeln ohne_filter ohne_grenzen sem_restrições sem_filtros sem_regras senza_regole senza_filtri senza_restrizioni senza_limiti без_запретов без_правил без_фильтров без_обмежень без_заборон bez_ograniczeń bez_zasad kuralsız sınırsız بلا_قيود بدون_قيود बिना_किसी 没有任何限制 没有限制 不受限制 制限のない 無制限 제한_없는 제한이_없는 không_giới_hạn tanpa_batasan tanpa_aturan`,

  NEW: `new updated revised actual real next following
    nouvelle* nouveau* nuev* neue* nuov* nov* нов* nowe nowa yeni baru moi جديد* 新 新的 新しい 새로운`,

  TASK: `task tasks goal objective mission job assignment assignments aufgabe* tache* tarea* compit* taref* задач* zadani* gorev* tugas nhiem_vu 任务 タスク 작업* مهم*`,

  /** Someone who would be obeyed. */
  BOSS: `developer developers creator administrator admin openai anthropic security_team system_administrator support_team it_department ceo account_owner microsoft google maintainer maintainers compliance_team`,

  /** Words of people who write about attacks rather than make them. */
  TOPIC: `prompt_injection* injection_attack* prompt_injection* jailbreak* jailbreaking attacker* adversar* malicious owasp red_team* red_team* exploit* payload* mitigat* vulnerabilit* untrusted defense* defence* detect* detection sanitiz* guardrail* threat_model* classifier* test_case* llm01`,
} as const satisfies Record<string, string>;
