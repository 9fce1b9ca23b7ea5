/**
 * Ideas that rules alone name: the learned score does not see them, so they may grow without it being learned again.
 * Written as the lexicon is, in the same seventeen languages and more.
 */
export const TERMS = {
  /** A reader that is a program: what only a text written for one says. */
  MODEL: `llm llms language_model* large_language_model* ai_assistant* ai_agent* ai_model* ai_system* ai_reader* ai_bot* ai_tool* ai_helper* ai_copilot* chatbot* chatgpt copilot
    virtual_assistant* digital_assistant* automated_assistant* automated_agent* autonomous_agent* coding_agent* coding_assistant* agentic_system*
    asistente*_de_ia asistente*_ia asistente*_virtual* modelo*_de_lenguaje agente*_de_ia sistema*_de_ia asistente*_de_inteligencia inteligencia_artificial
    agent*_conversationnel* assistant*_virtuel* assistant*_ia modele*_de_langage modele*_de_langue intelligence_artificielle l'ia agent*_ia
    ki_assistent* ki_system* ki_modell* ki_agent* ki_bot* sprachmodell* kunstliche_intelligenz digitale*_assistent* die_ki eine_ki
    modelo*_de_linguagem assistente*_virtual* assistente*_de_ia agente*_de_ia sistema_de_inteligencia assistente*_digital*
    modello_linguistico modelli_linguistici assistent*_virtual* assistent*_ai assistent*_ia agent*_ai agent*_ia intelligenza_artificiale
    языков*_модел* нейросет* ии_ассистент* ии_агент* ии_помощник* ии_систем* искусственн*_интеллект* чат_бот* чатбот* виртуальн*_помощник* виртуальн*_ассистент*
    мовн*_модел* нейромереж* ші_асистент* ші_агент* ші_помічник* штучн*_інтелект* віртуальн*_асистент* віртуальн*_помічник*
    model*_językow* asystent*_ai agent*_ai sztuczn*_inteligencj* asystent*_wirtualn* wirtualn*_asystent* czatbot*
    yapay_zeka* yapay_zekâ* dil_model* sanal_asistan* sohbet_robot*
    ذكاء_اصطناعي نموذج_لغوي نماذج_لغوية نموذج_اللغة نماذج_اللغة مساعد_افتراضي وكيل_ذكي وكلاء_الذكاء
    एआई ए_आई कृत्रिम_बुद्धि* भाषा_मॉडल* चैटबॉट* वर्चुअल_असिस्टेंट
    人工智能 语言模型 大模型 智能体 智能助手 聊天机器人 ai助手 ai_助手 ai_模型 ai_代理 ai_系统 人工智慧 語言模型
    人工知能 言語モデル 生成ai 生成_ai ai_アシスタント ai_エージェント ai_モデル チャットボット
    인공지능* 언어_모델* 챗봇* ai_어시스턴트* ai_에이전트* ai_모델* ai_비서*
    trợ_lý_ai trợ_lý_ảo trí_tuệ_nhân_tạo mô_hình_ngôn_ngữ tác_nhân_ai
    asisten_ai asisten_virtual model_bahasa kecerdasan_buatan agen_ai ปัญญาประดิษฐ์ โมเดลภาษา`,

  /** The same where the word alone may be a person, a car or a thing in a window. */
  HELPER: `assistant assistants agent agents model models bot bots evaluator evaluators screener
    asistente* agente* modelo* assistent* agenten modell* assistente* modello ассистент* помощник* агент* модел* бот* асистент* помічник* asystent* asistan*
    مساعد* وكيل نموذج सहायक* मॉडल* 助手 模型 代理 アシスタント エージェント モデル 어시스턴트* 비서* 에이전트* 모델* trợ_lý asisten agen`,

  /** Takes a text in, as a model does. */
  READING: `reading reads read processing processes process parsing parses visiting visit visits scanning summarizing summarising summarizes summarises indexing crawling browsing handling handles handle analyzing analysing analyzes analyses evaluating evaluates reviewing reviews sorting sorts screening automates
    lea lean lee leen leyendo procese* procesan analice* analizan evalua* resuma* lis lit lisez lisent lisant traite* traitant analyse* evalue* résume*
    liest lesen lesende* auswert* verarbeit* bearbeit* zusammenfass* bewert* leia leiam lê leem lendo processa* analisa* avalia* legge leggete leggono leggi elabora* analizza* valuta*
    читает читают читающ* читаете обрабатыв* анализир* оценива* читає читають читаєш обробля* аналізу* оцінює czyta* czytając* przetwarza* analizuj* ocenia*
    okuyan* okuyor* işleyen* değerlendiren* تقرا يقرا تقرؤون يقرؤون تحلل تعالج يعالج قارئ पढ़ने पढ़* 阅读 读取 读到 处理 分析 評価 読む 読んで 読み込む 処理 分析 읽는 읽고 읽* 처리* 분석* đọc xử_lý phân_tích membaca memproses menganalisis`,

  /** The person the model works for. */
  PERSON: `user user's users human humans customer customer's person principal owner owner's client visitor visitors recruiter reader anyone anybody nobody somebody someone
    usuari* cliente* nadie persona* utilisateur* personne client* nutzer* benutzer* anwender* kunde* kunden niemand* niemandem utilizador* ninguém pessoa utente* nessuno cliente
    пользовател* никому клиент* человек* користувач* нікому людин* użytkownik* nikomu klient* kullanıcı* kimseye müşteri* مستخدم* احدا احد عميل उपयोगकर्ता* किसी 用户 使用者 任何人 客户 ユーザー* 利用者 誰 顧客 사용자* 누구* 고객* người_dùng cho_họ ai_khác pengguna siapa`,

  /** Something the person is not to know, for languages whose words for it the lexicon does not have. */
  UNTOLD: `приховай приховайте скрой скройте ukryj ukryjcie gizle gizleyin छिपाओ छिपाएं 隐瞒 隠して 숨겨 숨기고 sembunyikan passez_sous_silence sous_silence non_lasciate_traccia non_lasciare_traccia sin_dejar_rastro sans_laisser_de_trace keine_spur keine_spuren verschweige verschweigt ocúltalo ocúltenlo nascondi nascondete keep_quiet keep_silent stay_silent no_need_to_show no_need_to_mention
    no_se_lo_digas no_se_lo_comentes no_se_lo_digan no_se_lo_comenten no_lo_menciones no_lo_mencionen no_lo_comentes no_le_digas no_le_digan no_digas_nada sin_decírselo sin_decir_nada no_informes no_informe sin_avisar sin_que_lo_sepa no_reveles
    sans_en_parler sans_le_dire n'en_parlez_pas n'en_parle_pas ne_lui_dites_rien ne_lui_dis_rien ne_le_dis_pas ne_le_dites_pas ne_le_mentionne_pas ne_le_mentionnez_pas n'en_dis_rien n'en_dites_rien à_l'insu sans_prévenir sans_informer ne_dis_rien ne_dites_rien sans_avertir
    erwähne_das_nicht erwähne_es_nicht erwähnt_das_nicht erwähnt_es_nicht erwähne_dies_nicht erwähnen_sie_das_nicht sag_nichts sag_ihm_nichts sagt_nichts nichts_davon kein_wort_davon ohne_wissen_des ohne_es_zu_erwähnen ohne_den_nutzer informiere_den_nutzer_nicht erzähle_niemandem nicht_verraten verrate_das_niemandem
    não_avise não_conte não_diga não_mencione não_fale não_comente não_informe sem_avisar sem_contar sem_dizer sem_o_conhecimento
    non_dirlo non_ditelo non_fatene_parola non_farne_parola non_dire_nulla non_dire_niente non_menzionarlo non_menzionatelo senza_dirlo senza_avvisare all'insaputa non_informare non_avvisare senza_informare
    ничего_не_говори ничего_не_говорите ничего_ему_не_говори* не_сообщай* не_говори* не_упоминай* не_рассказывай* не_уведомляй* сообщать_об_этом_нельзя говорить_об_этом_нельзя не_сообщая не_ставя_в_известность ничего_об_этом не_раскрывай*
    не_повідомляй* не_кажи* не_згадуй* не_розповідай* не_розкривай* нічого_не_кажи* нікому_не_кажи*
    nie_mów* nie_wspominaj* nie_informuj* nie_zdradzaj* nikomu_nie_mów* bez_wiedzy nie_powiadamiaj*
    söz_etme söz_etmeyin bahsetme bahsetmeyin söyleme söylemeyin haber_verme haber_vermeyin bildirme bildirmeyin belli_etme belli_etmeyin
    لا_تخبر* لا_تقل لا_تذكر* دون_علم بدون_علم لا_تبلغ* لا_تعلم دون_اخبار دون_ان_يعلم ولا_تخبر* ولا_تذكر*
    न_बताएं न_बताना मत_बताना नहीं_बताना मत_बताओ न_बताएँ नहीं_बताएं बिना_बताए उल्लेख_न_करें जिक्र_न_करें
    不要告诉 不要让 不要提及 不要提到 别告诉 不告诉 切勿告诉 不得透露 不要通知 不必告诉 不要透露 请勿告知 不让用户 不让他 别提
    知らせないで 言わないで 伝えないで 知らせず 内緒 教えないで 触れないで 報告しないで 通知しないで 話さないで
    알리지_마 알리지_마세요 알리지_마라 알리지_마십시오 알리지_말고 알리지_말아 알리지_말아라 알리지_말_것 알리지_마시오 말하지_마 말하지_마세요 말하지_마라 말하지_마십시오 말하지_말고 말하지_말아 말하지_말아라 말하지_말_것 말하지_마시오 언급하지_마 언급하지_마세요 언급하지_마라 언급하지_마십시오 언급하지_말고 언급하지_말아 언급하지_말아라 언급하지_말_것 언급하지_마시오 몰래 모르게
    đừng_nói đừng_cho đừng_kể không_nói_cho không_cho_người_dùng đừng_nhắc đừng_đề_cập không_được_nói mà_không_nói đừng_tiết_lộ
    jangan_beri_tahu jangan_beritahu jangan_memberi_tahu jangan_katakan jangan_sebut* jangan_ceritakan jangan_bilang tanpa_memberi_tahu tanpa_sepengetahuan`,

  /** English words for no. */
  NOT: `not never don't dont mustn't shouldn't without nor won't nobody`,

  /** What the person has and an attack wants to have. */
  THEIRS: `email emails e_mail e_mails mail mails message messages inbox address_book contacts contact_list files file documents document conversation chat dialogue dialog transcript history notes data records information details password passwords passcode code codes numbers token tokens key keys credentials secrets secret list backup content contents
    correo* mensaje* contraseña* archivo* historial conversacion* contactos datos clave* courriel* mél mails mot_de_passe mots_de_passe fichier* historique conversation* carnet_d'adresses carnet contacts données nachricht* passwort passwörter kennwort* datei dateien verlauf gespräch* kontakte adressbuch daten mensagens mensagem senha* arquivo* ficheiro* histórico contatos dados messaggi* posta file cronologia rubrica contatti dati
    письм* сообщени* парол* файл* истори* переписк* контакт* данные код* листи лист* повідомлен* файли історі* дані wiadomoś* mail* hasł* plik* histori* kontakt* dane
    e_posta* posta* mesaj* şifre* parola* dosya* geçmiş* kişi* veri* رسائل رسالة كلمات كلمة ملف* محادثة جهات بيانات سجل رمز मेल ईमेल संदेश* पासवर्ड* फ़ाइल* फाइल* बातचीत संपर्क* डेटा
    邮件 消息 密码 文件 对话 聊天记录 通讯录 数据 记录 内容 メール* メッセージ* パスワード* ファイル* 会話* 履歴 連絡先 データ 内容 메일* 메시지* 비밀번호* 파일* 대화* 기록* 연락처* 데이터* 내용* thư mật_khẩu tin_nhắn tệp tập_tin lịch_sử danh_bạ dữ_liệu nội_dung surel pesan kata_sandi berkas riwayat kontak isi`,

  /** Gives something away, where the lexicon's SEND is English. */
  GIVE: `envía envíe envíen envia envie enviar reenvía reenvíe reenvíen reenvia reenviar manda mande mandar mandes transfiere transmite* comparte publica sube
    envoie envoyez envoyer transfère transférez transférer transmets transmettez transmettre partage* publie* communique*
    sende senden sendet schick* leite leiten leitet weiterleit* übermittle übermittelt übermitteln teile veröffentliche lade
    envie enviem enviar encaminhe encaminhem encaminhar encaminha mande mandem repasse publique compartilhe
    invia inviate inviare inoltra inoltrate inoltrare manda mandate spedisci trasmetti trasmettete condividi pubblica
    отправ* перешл* переслать перешли* пришли* вышли* передай* передать скинь* опубликуй* надішли* надіслати перешли* відправ* передай* переслати
    wyślij* wysłać prześlij* przesłać przekaż* przekazać wysyłaj* udostępnij* gönder* ilet iletin* iletiniz yolla* aktar* paylaş*
    ارسل* ارسال احول حول مرر انشر وارسل* भेज* भेजें भेजो अग्रेषित 发送 转发 发到 发给 寄给 上传 传给 发布 轉發 転送* 送信* 送って 送れ アップロード* 公開* 보내* 전달* 전송* 업로드* 게시*
    hãy_gửi gửi_tới gửi_đến gửi_các chuyển_tiếp tải_lên chia_sẻ kirim* teruskan unggah bagikan`,

  /** Removes something. */
  REMOVE: `delete erase wipe purge destroy empty shred drop borra* elimina* elimine* vacía suprime* supprim* efface* vide videz lösch* entfern* vernichte* leere apague* apaga exclua excluam delete cancella* rimuov* svuota* удали* сотри* стереть очисти* видали* видалити зітри* очисти* usuń* skasuj* wyczyść sil silin* temizle* احذف* امسح* حذف हटा* मिटा* डिलीट 删除 清空 删掉 抹去 削除* 消去* 消して 삭제* 지우* 비우* xoá xóa hapus* kosongkan`,

  /** Sets a part of the text off: the very words. */
  VERBATIM: `zeichen_für_zeichen carácter_por_carácter caractère_par_caractère carattere_per_carattere znak_po_znaku do_not_shorten without_shortening verbatim word_for_word word_by_word letter_by_letter exactly_as unchanged unmodified without_changes without_changing character_for_character literally in_full
    palabra_por_palabra textualmente literalmente tal_cual exactamente sin_cambiar letra_por_letra mot_à_mot mot_pour_mot textuellement à_la_lettre sans_rien_changer exactement lettre_par_lettre wort_für_wort wörtlich unverändert wortwörtlich buchstabe_für_buchstabe
    palavra_por_palavra na_íntegra literalmente exatamente letra_por_letra parola_per_parola alla_lettera testualmente senza_cambiare esattamente
    дословно слово_в_слово буквально без_изменений дослівно слово_в_слово без_змін слово_за_словом dosłownie słowo_w_słowo dokładnie słowo_po_słowie bez_zmian
    kelimesi_kelimesine aynen harfi_harfine olduğu_gibi حرفيا حرفياً كلمة_بكلمة كما_هي शब्दशः हूबहू शब्द_दर_शब्द ज्यों_का_त्यों 逐字 一字不差 原封不动 原样 一字不漏 一字一句 そのまま 一言一句 逐語 그대로 토씨 한_글자도 nguyên_văn từng_chữ từng_từ y_nguyên chính_xác kata_demi_kata persis apa_adanya`,

  /** Says it again or lets it be seen. */
  RECITE: `repeat print output reveal show write recite copy reproduce display quote paste dump echo spell disclose summarise summarize translate list put tell give state
    repite repita repetir copia copie muestra muestre muestra* escribe escriba revela recita reproduce di dime répète répétez récite récitez affiche affichez montre montrez copie copiez écris écrivez recopie* révèle* donne donnez
    wiederhol* zeig* gib nenne schreib* kopiere zitier* verrate offenbare sag repita repete mostre mostra mostra* copie escreva revele diga recite ripeti ripetete mostra mostrate copia copiate scrivi scrivete rivela* recita dimmi
    повтори* покажи* напиши* скопируй* выведи* процитируй* раскрой* перечисли* назови* повтори* покажи* напиши* скопіюй* виведи* розкрий* назви powtórz* pokaż* wypisz* skopiuj* napisz* ujawnij* zacytuj* podaj* tekrarla* göster* yaz yazın* kopyala* açıkla* paylaş
    كرر اكرر اظهر اعرض اكتب انسخ اكشف اطبع दोहरा* दिखा* लिख* बता* 重复 显示 写出 输出 复述 打印 列出 告诉我 展示 繰り返* 書いて 書き出* 表示* 出力* 見せて 教えて 반복* 보여* 적어* 출력* 써_줘 알려* lặp_lại hiển_thị viết_ra in_ra tiết_lộ sao_chép cho_tôi_xem ulangi* tampilkan* tulis* tunjukkan* salin* ungkapkan*`,

  /** What the model was told. */
  TOLD: `instruction instructions prompt prompts guidelines rules directives preamble briefing message system_prompt system_message guidance orders
    instruccion* indicacion* consigna* directrices reglas mensaje texto prompt consigne* instruction* directive* règles texte message invite anweisung* vorgabe* regeln systemprompt* systemnachricht text auftrag
    instruç* orientaç* diretrizes regras mensagem texto istruzion* direttive regole messaggio testo indicazioni
    инструкц* указани* правила промпт* сообщение текст наставлен* інструкц* вказівк* правила повідомлення текст настанов* instrukc* poleceni* wytyczn* zasady wiadomość tekst
    talimat* yönerge* kural* mesaj* metn* metin تعليمات التعليمات توجيهات قواعد رسالة نص निर्देश* नियम* पाठ संदेश 指令 说明 提示 提示词 规则 指示 内容 文本 消息 指示* ルール プロンプト 文章 メッセージ 지침* 지시* 규칙* 프롬프트* 내용* 메시지*
    chỉ_dẫn hướng_dẫn chỉ_thị quy_tắc lời_nhắc văn_bản petunjuk instruksi arahan aturan perintah teks pesan`,

  /** At or before the beginning, where a model's instructions stand. */
  OUTSET: `vor_dem_gespräch avant_la_conversation antes_de_la_conversación prima_della_chat ci_podano ci_przekazano тебе_передали you_were_taught before_this_conversation before_our_conversation before_the_conversation before_this_chat before_this_message before_my_message
    before_my_first_message before_mine at_the_start at_the_beginning at_the_outset  to_begin_with above_this_line words_above text_above
    sentences_above you_started_with you_were_started_with you_were_given given_to_you you_received you_were_told you_have_been_given
    antes_de_esta_conversacion antes_de_esta antes_de_nuestra al_principio al_inicio te_dieron te_han_dado avant_cette_conversation avant_notre
    avant_cette au_départ au_début t'ont_donné t'a_donné_e vous_ont_donné vor_diesem_gespräch vor_unserem_gespräch vor_meiner_ersten vor_dieser_nachricht
    vor_meiner_nachricht am_anfang zu_beginn anfangs bekommen_hast erhalten_hast gegeben_wurden gegeben_wurde antes_desta antes_da_conversa no_início
    no_começo recebeste te_deram foram_dadas foi_dado prima_di_questa prima_della_conversazione all'inizio ti_hanno_dato ti_è_stato_dato
    ti_sono_state_date до_начала до_нашего до_этого_разговора в_начале тебе_дали вам_дали до_початку до_нашої на_початку тобі_дали przed_tą_rozmową
    przed_rozmową na_początku otrzymałeś dostałeś ci_dano bu_konuşmadan konuşmadan_önce başta en_başta sana_verilen size_verilen başlangıçta
    قبل_هذه_المحادثة قبل_المحادثة قبل_بدء في_البداية اعطيت_لك التي_اعطيت المعطاة تلقيتها बातचीत_शुरू बातचीत_से_पहले शुरुआत मिले_थे 对话之前 对话开始前 这次对话之前 开始之前
    一开始 之前给你 给你的 你收到的 会話の前 会話の前に 会話の最初 最初に 与えられた 渡された 대화_이전 대화_전에 대화_전 trước_cuộc_trò_chuyện trước_cuộc lúc_đầu được_giao được_cung_cấp nhận_được
    sebelum_percakapan sebelum_obrolan di_awal diberikan_kepadamu diberikan_kepada kamu_terima anda_terima`,

  /** The same in one word that may mean something else. */
  FIRST: `initial original initially first_message hidden secret internal iniciales inicial originales recibiste ocult* secret* internas initial* reçu reçue
    reçues cachée* caché* ursprünglich* geheim* versteckt* iniciais recebeu ocult* iniziali ricevuto nascost* начальн* исходн* изначальн* получил скрыт*
    секретн* початков* первинн* отримав прихован* таємн* początkow* ukryt* tajn* ilk gizli الاولية الاصلية المخفية السرية शुरुआती दिए_गए दिया_गया छिपे
    गुप्त 最初 隐藏 初始 初期 隠された 처음에 받은 주어진 초기 숨겨진 처음 ban_đầu bí_mật  awal tersembunyi rahasia`,

  /** Another self, beginning now. */
  BECOME: `you_are_now you_are_no_longer from_now_on from_this_point from_here_on you_will_now you_now_are you_play you_act_as act_as pretend_to_be pretend_you pretend_that roleplay role_play you_become imagine_you_are imagine_being you_are_going_to_be
    a_partir_de_ahora a_partir_de_este a_partir_de_aquí desde_ahora de_ahora_en_adelante ahora_eres eres_ahora actúas_como actúa_como haz_de_cuenta finge
    à_partir_de_maintenant désormais dorénavant tu_es_maintenant vous_êtes_maintenant agis_comme fais_comme_si
    ab_jetzt ab_sofort von_nun_an von_jetzt_an du_bist_nun du_bist_jetzt sie_sind_nun stell_dir_vor_du
    a_partir_de_agora de_agora_em_diante agora_você você_agora você_é_agora aja_como finja a_partir_deste d'ora_in_poi da_ora_in_poi da_questo_momento ora_sei sei_ora da_adesso fingi
    с_этого_момента отныне теперь_ты ты_теперь с_этой_минуты представь_что_ты вы_теперь відтепер з_цього_моменту тепер_ти ти_тепер від_цього_моменту уяви_що_ти
    od_tej_chwili od_teraz jesteś_teraz teraz_jesteś od_tego_momentu udawaj şu_andan_itibaren bundan_sonra artık bundan_böyle şimdiden_itibaren من_الان من_الان_فصاعدا انت_الان تظاهر من_هذه_اللحظة अब_से अब_तुम आज_से इस_क्षण अब_आप
    从现在起 从现在开始 你现在是 从此刻起 从此 从这一刻 假装 今から これから これより 今後 以後 あなたは今 지금부터 이제부터 너는_이제 당신은_이제 앞으로 kể_từ_bây_giờ từ_bây_giờ kể_từ_lúc_này bây_giờ_bạn_là từ_giờ mulai_sekarang mulai_saat_ini sejak_saat_ini sekarang_kamu kamu_sekarang`,

  /** Without any rules. */
  LAWLESS: `unfiltered uncensored without_rules without_any_rules without_restrictions without_any_restrictions without_limits without_limitations without_filters without_any_filters no_rules no_limits no_restrictions no_filters no_moral no_moral_limits no_ethics every_rule thrown_off free_of_all free_from_all jailbroken any_rule any_rules amoral
    sin_filtros sin_restricciones sin_reglas sin_límites sin_censura sin_ninguna_restricción sans_filtre sans_filtres sans_restriction* sans_règle* sans_limite* sans_aucune sans_censure
    ohne_jede ohne_einschränkung* ohne_beschränkung* ohne_regeln ohne_filter ohne_grenzen ohne_zensur ohne_jegliche sem_restriç* sem_filtro* sem_regras sem_limites sem_nenhuma sem_censura senza_regole senza_filtri senza_restrizioni senza_limiti senza_limitazioni senza_censura senza_alcun*
    без_запретов без_ограничений без_правил без_фильтров без_цензуры без_каких_либо без_заборон без_обмежень без_правил без_фільтрів без_жодних bez_ograniczeń bez_zasad bez_filtrów bez_żadnych bez_reguł bez_cenzury
    kuralsız hiçbir_kural* hiçbir_kısıtlama* kısıtlamasız sınırsız filtresiz hiçbir_sınır* بلا_قيود بدون_قيود دون_قيود بلا_قواعد بدون_قواعد بلا_حدود बिना_किसी_नियम बिना_किसी बिना_नियम बिना_प्रतिबंध
    没有任何限制 没有限制 不受限制 无限制 没有任何规则 没有规则 不受任何 無制限 制限のない 制限なし ルールのない 制約のない 何の制限もない 아무_제한 아무런_제한 제한이_없는 제한_없는 규칙이_없는 무제한 không_có_giới_hạn không_giới_hạn không_có_quy_tắc không_bị_ràng_buộc không_có_bất_kỳ tanpa_batasan tanpa_aturan tanpa_batas tanpa_filter tanpa_pembatasan`,

  /** Something is over, so that something else may begin. */
  OVER: `fin_del_documento fin_del_texto fin_de_la_página tarea_completada tarea_terminada fin_du_document fin_du_texte fin_de_la_page tâche_terminée tâche_accomplie ende_des_dokuments ende_der_seite ende_des_textes ende_der_nachricht aufgabe_erledigt aufgabe_abgeschlossen
    fim_do_documento fim_do_texto fim_da_página tarefa_concluída tarefa_finalizada fine_del_documento fine_del_testo fine_della_pagina compito_completato attività_completata конец_документа конец_текста конец_страницы задача_выполнена задание_выполнено кінець_документа кінець_тексту завдання_виконано
    koniec_dokumentu koniec_tekstu koniec_strony zadanie_wykonane zadanie_ukończone belgenin_sonu belge_sonu metnin_sonu görev_tamamlandı نهاية_المستند نهاية_النص انتهت_المهمة اكتملت_المهمة दस्तावेज़_समाप्त दस्तावेज़_का_अंत कार्य_पूरा 文档结束 文件结束 任务完成 任务已完成 網頁結束 文書の終わり ドキュメント終了 タスク完了 문서_끝 문서의_끝 작업_완료 작업이_완료 hết_tài_liệu kết_thúc_tài_liệu nhiệm_vụ_hoàn_thành akhir_dokumen tugas_selesai`,
  /** A task that is new, or whoever gives it. */
  ANEW: `nueva_tarea nueva_instrucción nuevas_instrucciones ahora_pide pide_ahora nouvelle_tâche nouvelle_instruction nouvelles_instructions demande_maintenant neue_aufgabe neue_anweisung* neuer_auftrag möchte_nun nova_tarefa nova_instrução novas_instruções pede_agora nuovo_compito nuova_istruzione nuove_istruzioni chiede_ora
    новая_задача новое_задание новая_инструкция новые_инструкции нове_завдання нова_інструкція нові_інструкції nowe_zadanie nowe_instrukcje nowe_polecenie yeni_görev yeni_talimat* مهمة_جديدة تعليمات_جديدة नया_कार्य नए_निर्देश नया_काम 新任务 新的任务 新指令 新的指令 新しい指示 新しいタスク 新たな指示 새로운_작업 새_작업 새로운_지시 새_지시 nhiệm_vụ_mới chỉ_thị_mới hướng_dẫn_mới tugas_baru instruksi_baru perintah_baru`,

  /** What else an attack makes an agent do. */
  ACTION: `call invoke execute run open visit click navigate pay transfer wire buy order purchase book invite add grant give create change set replace disable enable install append insert write store remember record mark rename move push merge unlock confirm approve skip rate rank recommend praise describe name state claim post print refuse stop put use treat include keep draw end begin answer reply respond tell say act
    ignore disregard forget output read reveal`,

  /** The text at hand. */
  HERE: `this these here page text document file esta este estas estos esto aquí página cette  cet ces ici page diese dieses diesen dieser seite  esta este desta aqui página questa questo queste  pagina
    эту этот это этой страниц* цю цей це цієї сторінк* tę   tej stronę strony bu sayfayı burada هذه هذا الصفحة इस यह यहाँ पृष्ठ 本页 此页 本文 这里 此文 本 页面 この ここ ページ 本文 이 여기 페이지* này đây trang ini halaman`,

  /** The text at hand, which is to be set aside. */
  PAGE: `webpage web_page page website site text document data article paper resume cv function code email mail letter file rest remainder report transcript story passage página pagina documento texto currículum currículo función função funzione codice código datos dati artículo articolo artigo resto correo
    document texte fonction données reste site_web webseite seite dokument text lebenslauf funktion daten rest brief артикул страниц* документ* текст* резюме функци* данн* остальн* сторінк* документ* решт* функці* stronę dokument resztę funkcję życiorys sayfa* metni belgeyi geri_kalan* özgeçmiş* fonksiyon*
    صفحة نص وثيقة مستند دالة سيرة بقية पृष्ठ वेबपेज* फ़ंक्शन फंक्शन बायोडाटा रिज्यूमे दस्तावेज़ 网页 页面 文本 函数 简历 文档 其余 文章 ページ 文書 関数 履歴書 残り 페이지* 함수* 이력서* 문서* 나머지* trang hàm hồ_sơ văn_bản phần_còn_lại halaman fungsi teks dokumen sisa`,

  /** Sets aside, as an order, and with a text rather than with instructions behind it. */
  IGNORE_HERE: `ignora ignore ignorez ignorieren ignoriere ignoriert ignorare ignorate ignoruj zignoruj ignoriruj игнорируйте игнорируй проигнорируйте ігноруйте ігноруй abaikan bỏ_qua تجاهل göz_ardı_et görmezden_gel yok_say yok_sayın 忽略 无视 無視 무시하고 अनदेखा अनदेखा_करें`,

  /** Says something that is not so. */
  DECLARE: `state say claim declare assert respond answer reply tell indica indique indiquez dites dis déclare geben_sie gib sagen_sie sage behaupte dichiara dichiarate indica dì indicate afirme declare diga indique укажите укажи скажите скажи утверждай заявите вкажіть скажіть stwierdź powiedz podaj belirtin belirt söyle nyatakan katakan nói_rằng cho_biết nêu اذكر قل बतायें बताएं कहें 声明 说 宣称 述べ 言って 말하 밝혀`,

  /** Said of a person: agreed already. */
  AGREED: `agreed consented дал_согласие дала_согласие дав_згоду дала_згоду wyraził_zgodę dio_su_consentimiento ha_dado_su a_donné_son_accord hat_zugestimmt deu_consentimento ha_dato_il_consenso aprobado autorizado aceptado consentido aprobó autorizó aceptó approuvé autorisé accepté consenti zugestimmt genehmigt eingewilligt einverstanden aprovou autorizou concordou aprovado concordado approvato autorizzato acconsentito согласился согласилась одобрил* разрешил* согласен погодився погодилась схвалив* дозволив* zgodził* zatwierdził* zezwolił* onayladı onay_verdi kabul_etti izin_verdi وافق اذن सहमत सहमति मंज़ूरी अनुमति 已同意 已经同意 已批准 已授权 承諾済み 同意済み 許可済み 承認済み 동의했* 승인했* 허락했* đã_đồng_ý đã_chấp_thuận sudah_setuju telah_menyetujui sudah_mengizinkan`,

  /** Whom something is meant for. */
  FOR: `to for para per pour an für al ai agli aos às à aux für для do dla için الى 给 致 へ 에게 untuk kepada cho dành_cho`,
  DEAR: `dear hey hello hi liebe lieber liebes cher chère chers caro cara cari querido querida estimado prezado gentile дорогой дорогая дорогие уважаемый шановний шановна любий drogi droga szanowny sevgili sayın عزيزي प्रिय 亲爱的 尊敬的 親愛なる 친애하는 thân_mến kính_gửi halo wahai`,
  THINKER: `ai ais ki ia ии ші sztuczna_inteligencjo model modell modèle modelo modello модель моделе modelu assistant assistants assistent assistente asistente ассистент асистенте asystencie agent agents agente агент агенте agencie bot bots robots copilot llm llms chatbot`,
  /** Says what the reader is. */
  YOU_ARE: `you_are you're eres tu_es vous_êtes du_bist sie_sind_ein você_é tu_sei sei_un ты ти jesteś sen_bir انت तुम आप_एक 你是 您是 あなたは 너는 당신은 bạn_là kamu_adalah anda_adalah`,
  ALL: `all every everything entire whole todos todas todo tous toutes tout alle alles sämtliche tutti tutte tutto все всё всі усі wszystkie wszystko tüm bütün كل جميع सभी सारे सारी 所有 全部 一切 すべて 全て 全部 모든 모두 mọi tất_cả toàn_bộ semua seluruh`,
  PAY: `transfer pay wire send transfiere transfiera paga pague transférez transfère payez paie überweise überweisen überweist bezahle zahle transfira bonifica versa pagate переведи переведите переводи заплати переказуй перекажи сплати przelej zapłać przelewaj gönder öde حول ادفع भुगतान स्थानांतरित 转账 汇款 支付 付款 送金 振り込 支払 송금 이체 결제 chuyển_khoản thanh_toán bayar`,
  /** Does without asking the person. */
  UNASKED: `no_pidas_confirmación no_preguntes sin_preguntar sin_pedir sin_confirmar sans_demander ne_demande_pas ne_demandez_pas sans_confirmation ohne_rückfrage ohne_nachfrage frag_nicht frage_nicht fragt_nicht sem_perguntar não_pergunte sem_confirmar senza_chiedere non_chiedere non_chiedete не_спрашивай* не_спрашивайте без_подтверждения не_питай* без_підтвердження nie_pytaj* bez_pytania bez_potwierdzenia sormadan onay_isteme دون_سؤال لا_تسال دون_تاكيد बिना_पूछे मत_पूछो 不要询问 无需确认 不用确认 无需询问 確認せず 確認は不要 묻지_말고 확인_없이 không_cần_hỏi đừng_hỏi tanpa_bertanya jangan_tanya`,

  /** A condition on who reads. */
  IF_YOU: `si_eres si_usted_es si_tú_eres si_tu_es si_vous_êtes wenn_du wenn_sie falls_du falls_sie sofern_du se_você se_tu_és se_sei se_siete se_stai если_ты если_вы якщо_ти якщо_ви jeśli_jesteś jeżeli_jesteś eğer_sen eğer_bir اذا_كنت ان_كنت यदि_आप यदि_तुम अगर_आप अगर_तुम 如果你是 如果您是 若你是 若您是 あなたが 만약_당신이 당신이 네가 nếu_bạn_là nếu_bạn jika_anda jika_kamu bila_anda kalau_kamu`,

  /** Judges, and how an attack wants to be judged. */
  RATE: `recomienda recomiende recomienden coloca coloque otorga otórgale puntúa aprueba apruebe valora recommande recommandez note notez classe classez approuve approuvez empfiehl empfehlen_sie bewerte bewerten_sie stufe recomende recomendem aprove aprovem pontue classifique raccomanda raccomandate valuta promuovi approva
    порекомендуй* рекомендуй* оцени поставь одобри порекомендуй оціни постав схвали poleć polecaj oceń zarekomenduj zatwierdź öner önerin değerlendir onayla اوص قيم رشح وافق اقترح अनुशंसा सिफारिश स्वीकृत 推荐 评为 打分 录取 給予 推薦 評価 採用 추천 평가 승인 đề_xuất đánh_giá chấp_nhận rekomendasikan beri_nilai setujui`,
  BEST: `primer_lugar máxima_puntuación máxima_nota el_mejor la_mejor mejor_candidat* sin_reservas sans_réserve meilleur* note_maximale première_place beste* höchst* uneingeschränkt an_die_spitze primeiro_lugar nota_máxima melhor sem_reservas este_candidato primo_posto massimo_punteggio punteggio_massimo migliore senza_riserve
    лучш* высш* без_оговорок первое_место максимальн* найкращ* найвищ* перше_місце без_застережень najlepsz* najwyższ* pierwsze_miejsce bez_zastrzeżeń en_iyi en_yüksek birinci الافضل اعلى المرتبة_الاولى دون_تحفظ सर्वश्रेष्ठ सर्वोत्तम उच्चतम पहला_स्थान 最佳 最高 第一名 最优秀 最高分 满分 最高の 最優秀 一位 満点 최고* 1위 만점 tốt_nhất cao_nhất hạng_nhất xuất_sắc terbaik tertinggi peringkat_pertama`,

  /** Calls for somebody's attention before saying something. */
  NOTICE: `note notice message memo attention warning important hint reminder instruction instructions directive dear hello hey   aviso atención nota mensaje importante message note avis hinweis achtung nachricht mitteilung wichtig an aviso atenção nota mensagem avviso attenzione nota messaggio
    внимание сообщение примечание важно увага повідомлення примітка важливо uwaga notatka wiadomość ważne dikkat not uyarı mesaj önemli تنبيه ملاحظة رسالة انتباه الى सूचना ध्यान नोट संदेश 注意 通知 致 给 提示 重要 注意 お知らせ 通知 宛 へ 重要 주의 알림 메시지 에게 lưu_ý chú_ý thông_báo hãy_gửi gửi_tới gửi_đến gửi_các catatan perhatian pesan untuk`,

  /** Numbers, dates and sums aside: where money goes. */
  MONEY: `payment payments money funds amount invoice invoices iban account payee recipient recipients transfer usd eur gbp dollars euros bitcoin wallet gift_card gift_cards card
    pago* dinero factura* cuenta paiement* argent facture* compte zahlung* geld rechnung* konto betrag beträge pagamento* dinheiro fatura* conta soldi fattura conto платёж* деньги счет платіж гроші рахунок płatnoś* pieniądze faktur* konto ödeme* para fatura* hesab*
    دفع مال فاتورة حساب भुगतान पैसे चालान खाता 付款 钱 发票 账户 支払い 金額 請求書 口座 결제* 돈 송금* 계좌* thanh_toán tiền hóa_đơn tài_khoản pembayaran uang faktur rekening`,
} as const satisfies Record<string, string>;
