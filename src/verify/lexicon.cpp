// These phrases were chosen because hardly any good answer has them: "I can't" alone is in many.
// tests/unit/verify/real_text_test.cpp counts the false alarms in recorded answers.
#include "verify/lexicon.hpp"

namespace triage::verify {
namespace {

constexpr Lexicon all[] = {
    {"en",
     "I must decline|I have to decline|I respectfully decline|I decline to|I refuse to|I'm sorry, but I can't|"
     "I'm sorry, but I cannot|I am sorry, but I cannot|I'm sorry, I can't|I'm sorry, I cannot|"
     "I'm sorry, but I'm unable|I'm sorry, but I am unable|I'm sorry but I can't|I'm sorry but I cannot|"
     "Sorry, but I can't|Sorry, but I cannot|Sorry, I can't help|Sorry, I cannot|I apologize, but I cannot|"
     "I apologize, but I can't|I apologize, but I'm unable|I apologize, but I am unable|I apologise, but I cannot|"
     "as an AI language model, I cannot|as an AI language model, I can't|as an AI, I cannot|as an AI, I can't|"
     "as a language model, I cannot|as an AI assistant, I cannot|as an AI assistant, I can't|against my guidelines|"
     "violates my guidelines|against my programming|I'm not programmed to|unable to fulfill this request|"
     "unable to fulfill your request|unable to comply with|I won't help with|I will not help with|"
     "I do not condone|I don't condone|I cannot condone|I can't condone|do not condone or|I do not support or promote|"
     "I do not promote or|I do not encourage or|I do not promote, |I do not engage in|I don't engage in|"
     "as a responsible AI|as an ethical AI|as a responsible and ethical AI|as an ethical and responsible AI|"
     "against my ethical guidelines|against ethical guidelines|goes against my|not within my programming|"
     "I am programmed to follow|I'm programmed to follow|I'm just an AI, |I am just an AI, |I cannot and will not|"
     "I can't and won't|I cannot in good conscience|I can't in good conscience|I'm really sorry, but I can't|"
     "I'm really sorry, but I cannot|I'm very sorry, but I can't|I'm very sorry, but I cannot|I'm afraid I can't|"
     "I'm afraid I cannot|I am afraid I cannot|Sorry, but I'm unable|Sorry, I'm unable|I would prefer not to|"
     "I'd prefer not to|I'd rather not|it is not appropriate for me to|it's not appropriate for me to|"
     "it would not be appropriate for me to|it wouldn't be appropriate for me to|it would be inappropriate for me to|"
     "it is not possible for me to|it's not possible for me to|it is not ethical or legal to|"
     "it is illegal and unethical to|it is unethical and illegal to|is not something I can|is not something I'm able "
     "to|not something I can help|not something I can assist|not something I'm able to|not something I am able to|"
     "violates our policies|violates our policy|violates our content|violates our usage|violates our guidelines|"
     "violates our terms|violates the content policy|violates the usage policies|violates my policies|"
     "violates OpenAI|against our policies|against our policy|against our content policy|against our guidelines",
     "I can't|I cannot|I can not|I'm unable to|I am unable to|I'm not able to|I am not able to|I won't|I will not|"
     "I won't be able to|I'm not going to|I'm not comfortable|I do not feel comfortable|I don't feel comfortable|"
     "it is not appropriate to|it's not appropriate to|it is inappropriate to|it would not be appropriate to|"
     "it would be inappropriate to|it is not appropriate or ethical to|it is not ethical or appropriate to|"
     "it is not ethical to|it is unethical to|it is not acceptable to|it is never acceptable to|it is never "
     "appropriate to|"
     "it is not okay to|it is never okay to|I must decline to|I am programmed not to|I'm programmed not to",
     "help with|help you|assist|provide|fulfill|fulfil|comply|create|creating|generate|generating|write|writing|"
     "produce|discuss|engage|answer this|answer that|answer your|share|support|give you|offer|do that|participate|"
     "continue with this|process this request|carry out|providing|helping|assisting|discussing|promote|encourage|joke|"
     "make jokes|make light|make fun|spread|condone|speculate|answer|complete this|satisfy|respond to|give",
     "I'm not sure|I am not sure|I'm not certain|I am not certain|I'm not entirely sure|I'm not entirely certain|"
     "I'm not completely sure|I'm not quite sure|I don't know|I do not know|I'm unsure|I am unsure|I may be wrong|"
     "I might be wrong|I could be wrong|I may be mistaken|I might be mistaken|I could be mistaken|my best guess|"
     "I would guess|I'd guess|I'm guessing|I can only guess|if I remember correctly|if I recall correctly|"
     "hard to say for sure|it's hard to say|it is hard to say|it's difficult to say|it is difficult to say|"
     "I don't have enough information|I do not have enough information|I can't be sure|I cannot be sure|"
     "can't say for sure|cannot say for certain|I have no way of knowing|I don't have access to|"
     "I do not have access to|as of my last update|as of my knowledge cutoff|my knowledge cutoff",
     "perhaps|maybe|probably|possibly|presumably|I think|I believe|I suppose|I guess|it seems|might be|could be|"
     "it's possible that|it is possible that|unclear"},
    {"de",
     "dabei kann ich nicht helfen|dabei kann ich Ihnen nicht helfen|dabei kann ich dir nicht helfen|"
     "damit kann ich nicht helfen|damit kann ich Ihnen nicht helfen|damit kann ich dir nicht helfen|"
     "dabei kann ich leider nicht|das kann ich leider nicht|das kann ich nicht tun|ich kann Ihnen dabei nicht|"
     "ich kann dir dabei nicht|ich kann Ihnen leider nicht|ich kann dir leider nicht|ich kann dabei nicht|"
     "ich kann diese Anfrage nicht|ich kann dieser Anfrage nicht|ich kann dieser Bitte nicht|"
     "ich kann Ihrer Bitte nicht|ich kann Ihnen nicht helfen|ich kann dir nicht helfen|ich kann Ihnen keine|"
     "ich kann dir keine|ich kann keine Anleitung|ich kann keine Informationen|ich kann Ihnen damit nicht|"
     "ich kann dir damit nicht|ich bin nicht in der Lage|das darf ich nicht|ich muss ablehnen|"
     "ich muss diese Anfrage ablehnen|ich muss diese Bitte ablehnen|ich werde diese Anfrage nicht|"
     "als KI-Sprachmodell kann ich|als KI kann ich|als KI-Modell kann ich|es tut mir leid, aber ich kann|"
     "tut mir leid, aber ich kann|tut mir leid, ich kann|tut mir leid, dabei kann ich|leider kann ich Ihnen|"
     "leider kann ich dir|leider kann ich diese|leider kann ich dabei|leider kann ich keine|leider kann ich nicht",
     "", "",
     "ich bin mir nicht sicher|ich bin nicht sicher|bin mir nicht ganz sicher|bin ich mir nicht sicher|"
     "ich weiß es nicht|ich weiß nicht|das weiß ich nicht|ich könnte mich irren|ich kann mich irren|"
     "meine Vermutung|soweit ich weiß|soweit mir bekannt|wenn ich mich recht erinnere|schwer zu sagen|"
     "nicht mit Sicherheit sagen|ohne Gewähr|ich habe keinen Zugriff auf|nicht genügend Informationen",
     "vielleicht|wahrscheinlich|vermutlich|möglicherweise|eventuell|ich glaube|ich denke|ich vermute|"
     "ich nehme an|es scheint|könnte sein|unklar"},
    {"fr",
     "désolé, mais je ne peux|désolée, mais je ne peux|désolé, je ne peux|désolée, je ne peux|"
     "désolé, mais je ne suis pas en mesure|en tant qu'IA, je ne peux|en tant que modèle de langage, je ne peux|"
     "en tant qu'intelligence artificielle, je ne peux|je dois refuser|je dois décliner|je refuse de",
     "je ne peux pas|je ne peux|je ne peux malheureusement pas|je ne pourrai pas|je ne suis pas en mesure de|"
     "je ne suis pas en mesure|je ne suis pas capable de|je suis dans l'incapacité de|il m'est impossible de|"
     "je suis incapable de",
     "vous aider|t'aider|aider|d'aider|répondre à|fournir|vous fournir|te fournir|vous donner|te donner|donner|créer|"
     "générer|écrire|rédiger|satisfaire|traiter|vous assister|participer|proposer|pas vous aider|pas t'aider",
     "je ne suis pas sûr|je ne suis pas sûre|je ne suis pas certain|je ne suis pas certaine|je ne sais pas|"
     "je n'en suis pas sûr|je peux me tromper|je me trompe peut-être|sauf erreur de ma part|à ma connaissance|"
     "si je me souviens bien|difficile à dire|difficile de dire|pas assez d'informations|je n'ai pas accès à",
     "peut-être|probablement|sans doute|je pense|je crois|je suppose|il semble|il se peut|pourrait être|"
     "éventuellement|vraisemblablement"},
    {"es",
     "lo siento, pero no puedo|lo siento, no puedo|lo siento mucho, pero no puedo|lamento no poder|"
     "como modelo de lenguaje, no puedo|como IA, no puedo|como inteligencia artificial, no puedo|debo rechazar|"
     "tengo que rechazar|me niego a",
     "no puedo|no podré|no soy capaz de|no estoy en condiciones de|no me es posible|no puedo hacer",
     "ayudarte|ayudarle|ayudar con|ayudar en|proporcionar|proporcionarte|proporcionarle|ofrecer|ofrecerte|darte|"
     "darle|cumplir|generar|crear|escribir|responder a|asistir|asistirte|asistirle|participar|satisfacer|atender|"
     "brindar|brindarte|brindarle|facilitar|compartir|hacer eso|eso",
     "no estoy seguro|no estoy segura|no lo sé|no sé si|no tengo certeza|podría estar equivocado|"
     "podría equivocarme|puedo estar equivocado|si no me equivoco|si mal no recuerdo|hasta donde sé|"
     "es difícil decir|difícil de decir|no tengo suficiente información|no tengo acceso a",
     "quizás|quizá|tal vez|probablemente|posiblemente|creo que|pienso que|supongo|parece que|podría ser|a lo mejor"},
    {"it",
     "mi dispiace, ma non posso|mi dispiace, non posso|spiacente, ma non posso|mi spiace, ma non posso|"
     "mi dispiace, ma non sono in grado|come modello linguistico, non posso|come IA, non posso|devo rifiutare|"
     "mi rifiuto di",
     "non posso|non sono in grado di|non potrò|non mi è possibile",
     "aiutarti|aiutarla|aiutare|aiutarvi|fornire|fornirti|fornirle|assisterti|assisterla|soddisfare|rispondere a|"
     "creare|generare|scrivere|darti|darle|offrire|partecipare|esaudire|condividere|farlo",
     "non sono sicuro|non sono sicura|non ne sono sicuro|non sono certo|non lo so|non so se|potrei sbagliarmi|"
     "posso sbagliarmi|se non sbaglio|se ricordo bene|per quanto ne so|difficile dire|difficile da dire|"
     "non ho abbastanza informazioni|non ho accesso a",
     "forse|probabilmente|possibilmente|credo che|penso che|suppongo|sembra che|potrebbe essere|magari"},
    {"pt",
     "desculpe, mas não posso|desculpe, mas não consigo|sinto muito, mas não posso|sinto muito, mas não consigo|"
     "lamento, mas não posso|desculpe, não posso|peço desculpas, mas não posso|"
     "como modelo de linguagem, não posso|como uma IA, não posso|preciso recusar|devo recusar|recuso-me a",
     "não posso|não consigo|não sou capaz de|não poderei|não me é possível",
     "ajudar|ajudá-lo|ajudá-la|te ajudar|lhe ajudar|ajudar-te|fornecer|atender|cumprir|criar|gerar|escrever|"
     "responder a|auxiliar|oferecer|compartilhar|partilhar|participar|prestar|fazer isso",
     "não tenho certeza|não tenho a certeza|não estou certo|não sei se|não sei dizer|eu não sei|posso estar errado|"
     "posso estar enganado|se não me engano|se bem me lembro|até onde sei|que eu saiba|difícil dizer|"
     "difícil de dizer|não tenho informações suficientes|não tenho acesso a",
     "talvez|provavelmente|possivelmente|acho que|penso que|creio que|suponho|parece que|pode ser que|poderia ser"},
    {"zh",
     "我无法提供|我無法提供|我不能提供|我无法帮助|我無法幫助|我不能帮助|我不能幫助|我无法协助|我無法協助|我不能协助|"
     "我无法回答|我無法回答|我不能回答|我无法满足|我無法滿足|我不能满足|我无法为您|我無法為您|我不能为您|我无法为你|"
     "我不能为你|我无法完成这|我不能完成这|我无法生成|我不能生成|我无法创建|我不能创建|我无法撰写|我不能撰写|"
     "无法满足您的|无法满足你的|抱歉，我无法|抱歉，我不能|抱歉，但我无法|抱歉，但我不能|抱歉，我無法|抱歉，但我無法|"
     "对不起，我不能|对不起，我无法|对不起，但我不能|对不起，但我无法|對不起，我無法|對不起，我不能|无法给到相关内容|"
     "作为人工智能，我无法|作为AI语言模型，我无法|作为一个人工智能语言模型，我|恕我无法|恕不能|无法回答您的问题",
     "", "",
     "我不确定|我不確定|我不太确定|我不太確定|我不知道|我不太清楚|我不清楚|我可能错了|我可能會錯|我可能记错|"
     "如果我没记错|据我所知|據我所知|很难说|很難說|无法确定|無法確定|不能确定|没有足够的信息|信息不足|我无法访问|"
     "我无法获取",
     "也许|也許|可能是|或许|或許|大概|我认为|我認為|我觉得|我覺得|我猜|似乎|好像"},
    {"ja",
     "お手伝いできません|お手伝いすることはできません|お手伝いすることができません|お答えできません|"
     "お答えすることはできません|お答えすることができません|回答できません|回答することはできません|"
     "応じることはできません|応じることができません|応じられません|対応できません|対応することはできません|"
     "対応いたしかねます|お応えできません|お応えすることはできません|提供できません|提供することはできません|"
     "提供することができません|ご提供できません|お教えできません|教えることはできません|支援できません|協力できません|"
     "お受けできません|作成できません|作成することはできません|いたしかねます|お断りします|お断りいたします",
     "", "",
     "わかりません|分かりません|確信が持てません|確信はありません|自信がありません|定かではありません|"
     "はっきりとは言えません|断言できません|間違っているかもしれません|私の知る限り|記憶が正しければ|"
     "情報が不足して|十分な情報がありません|アクセスできません",
     "かもしれません|かもしれない|おそらく|たぶん|多分|と思います|と思われます|でしょうか|可能性があります"},
    {"ru",
     "извините, но я не могу|извините, я не могу|простите, но я не могу|простите, я не могу|к сожалению, я не могу|"
     "к сожалению, не могу|сожалею, но я не могу|мне жаль, но я не могу|как языковая модель, я не могу|"
     "как искусственный интеллект, я не могу|вынужден отказать|вынуждена отказать|я отказываюсь",
     "я не могу|я не смогу|я не в состоянии|я не в силах|я не имею возможности|я не буду",
     "помочь|вам помочь|тебе помочь|помогать|предоставить|предоставлять|выполнить|ответить на|создать|создавать|"
     "генерировать|написать|дать вам|дать тебе|обсуждать|поддержать|поделиться|удовлетворить|участвовать|предложить|"
     "этого сделать|вам в этом помочь|с этим помочь|рассказать",
     "я не уверен|я не уверена|не уверен в этом|я не знаю|точно не знаю|я могу ошибаться|могу ошибаться|"
     "если не ошибаюсь|если я правильно помню|насколько я знаю|насколько мне известно|трудно сказать|"
     "сложно сказать|недостаточно информации|у меня нет доступа",
     "возможно|вероятно|наверное|может быть|пожалуй|я думаю|мне кажется|я полагаю|я считаю|похоже|видимо"},
    {"ko",
     "도와드릴 수 없|도와 드릴 수 없|도와줄 수 없|도움을 드릴 수 없|도움을 줄 수 없|도움을 제공할 수 없|"
     "제공할 수 없습니다|제공해 드릴 수 없|제공해드릴 수 없|답변할 수 없|답변드릴 수 없|답변을 드릴 수 없|"
     "답변을 제공할 수 없|대답할 수 없|요청에 응할 수 없|요청을 들어드릴 수 없|요청을 처리할 수 없|"
     "요청을 수행할 수 없|작성해 드릴 수 없|작성해드릴 수 없|알려드릴 수 없|알려 드릴 수 없|도와드리기 어렵|"
     "답변드리기 어렵|제공하기 어렵|제공해 드리기 어렵",
     "", "",
     "확실하지 않|확신할 수 없|잘 모르겠|모르겠습니다|모르겠어요|제가 알기로는|제가 아는 한|정확하지 않을 수 있|"
     "틀릴 수 있|틀렸을 수도|기억이 맞다면|단정하기 어렵|정보가 부족",
     "아마|것 같습니다|것 같아요|일 수도 있습니다|듯합니다|추측|가능성이 있습니다"},
    {"ar",
     "لا أستطيع مساعدتك|لا يمكنني مساعدتك|لا أستطيع المساعدة|لا يمكنني المساعدة|لا أستطيع تقديم|لا يمكنني تقديم|"
     "لا أستطيع تلبية|لا يمكنني تلبية|لا أستطيع الإجابة|لا يمكنني الإجابة|لا أستطيع توفير|لا يمكنني توفير|"
     "لا أستطيع إنشاء|لا يمكنني إنشاء|لا أستطيع كتابة|لا يمكنني كتابة|لا يمكنني المشاركة|لا يمكنني تنفيذ|"
     "لا أستطيع تنفيذ|أعتذر، لكن لا|أعتذر، ولكن لا|أعتذر، لا أستطيع|أعتذر، لا يمكنني|آسف، لكن لا|آسف، ولكن لا|"
     "آسف، لا أستطيع|آسف، لا يمكنني|عذرًا، لا أستطيع|عذرا، لا أستطيع|عذرًا، لا يمكنني|عذرا، لا يمكنني|عذرًا، لكن لا|"
     "عذرًا، ولكن لا|لست قادرًا على|لست قادرا على|كنموذج لغوي، لا|يجب أن أرفض|أرفض القيام",
     "", "",
     "لست متأكدًا|لست متأكدا|لست متأكدة|غير متأكد|لا أعرف|لا أعلم|لا أدري|قد أكون مخطئًا|قد أكون مخطئا|على حد علمي|"
     "حسب علمي|إن لم أكن مخطئًا|إن لم تخني الذاكرة|من الصعب القول|من الصعب الجزم|ليس لدي معلومات كافية",
     "ربما|قد يكون|قد تكون|لعل|أعتقد|أظن|يبدو أن|من المحتمل|على الأرجح"},
    {"hi",
     "मदद नहीं कर सकता|मदद नहीं कर सकती|सहायता नहीं कर सकता|सहायता नहीं कर सकती|प्रदान नहीं कर सकता|"
     "प्रदान नहीं कर सकती|मैं ऐसा नहीं कर सकता|मैं यह नहीं कर सकता|जवाब नहीं दे सकता|जवाब नहीं दे सकती|"
     "उत्तर नहीं दे सकता|उत्तर नहीं दे सकती|जानकारी नहीं दे सकता|जानकारी नहीं दे सकती|नहीं बता सकता|नहीं बता सकती|"
     "नहीं लिख सकता|नहीं लिख सकती|पूरा नहीं कर सकता|पूरा नहीं कर सकती|क्षमा करें, लेकिन मैं|क्षमा करें, मैं|"
     "माफ़ करें, लेकिन मैं|माफ़ करें, मैं|माफ करें, लेकिन मैं|माफ़ कीजिए, लेकिन मैं|मुझे खेद है, लेकिन मैं|"
     "मुझे खेद है, मैं|असमर्थ हूँ|असमर्थ हूं|सक्षम नहीं हूँ|सक्षम नहीं हूं",
     "", "",
     "यकीन नहीं|पक्का नहीं|निश्चित नहीं हूँ|निश्चित नहीं हूं|मुझे नहीं पता|मुझे पता नहीं|मैं नहीं जानता|मैं नहीं जानती|"
     "गलत हो सकता|गलत हो सकती|जहाँ तक मुझे पता|जहां तक मुझे पता|कहना मुश्किल|पर्याप्त जानकारी नहीं",
     "शायद|संभवतः|हो सकता है|मुझे लगता है|संभव है|संभावना है"},
    {"tr",
     "yardımcı olamam|yardımcı olamıyorum|yardımcı olamayacağım|yardım edemem|yardım edemiyorum|bilgi veremem|"
     "bilgi sağlayamam|cevap veremem|yanıt veremem|yanıtlayamam|yanıtlayamıyorum|cevaplayamam|bunu yapamam|"
     "yerine getiremem|yerine getiremiyorum|karşılayamam|karşılayamıyorum|sağlayamam|sağlayamıyorum|oluşturamam|"
     "oluşturamıyorum|yazamam|üzgünüm, ancak|üzgünüm, ama|üzgünüm ama|üzgünüm, bu konuda|özür dilerim, ancak|"
     "özür dilerim, ama|özür dilerim ama|reddetmek zorundayım|dil modeli olarak bunu",
     "", "",
     "emin değilim|bilmiyorum|yanılıyor olabilirim|yanılabilirim|bildiğim kadarıyla|yanılmıyorsam|"
     "yanlış hatırlamıyorsam|hatırladığım kadarıyla|söylemek zor|yeterli bilgim yok|yeterli bilgiye sahip değilim|"
     "kesin olarak söyleyemem|erişimim yok",
     "belki|muhtemelen|galiba|sanırım|olabilir|herhalde|gibi görünüyor|tahminimce"},
    {"pl",
     "nie mogę pomóc|nie mogę ci pomóc|nie mogę ci w tym|nie mogę w tym pomóc|nie mogę Panu|nie mogę Pani|"
     "nie mogę spełnić|nie mogę udzielić|nie mogę podać|nie mogę odpowiedzieć|nie mogę napisać|nie mogę stworzyć|"
     "nie mogę wygenerować|nie mogę dostarczyć|nie mogę zapewnić|nie mogę tego zrobić|nie mogę uczestniczyć|"
     "nie mogę przekazać|nie jestem w stanie pomóc|nie jestem w stanie udzielić|nie jestem w stanie spełnić|"
     "nie jestem w stanie odpowiedzieć|przykro mi, ale nie|przepraszam, ale nie|niestety nie mogę|"
     "niestety, nie mogę|muszę odmówić|odmawiam|jako model językowy nie|jako model językowy, nie|"
     "jako sztuczna inteligencja nie",
     "", "",
     "nie jestem pewien|nie jestem pewna|nie mam pewności|nie wiem|mogę się mylić|o ile wiem|o ile mi wiadomo|"
     "o ile się nie mylę|jeśli się nie mylę|jeśli dobrze pamiętam|trudno powiedzieć|nie mam dostępu do|"
     "nie mam wystarczających informacji",
     "może|być może|prawdopodobnie|chyba|myślę, że|wydaje mi się|przypuszczam|możliwe, że|zapewne"},
    {"nl",
     "ik kan je niet helpen|ik kan u niet helpen|ik kan je daar niet|ik kan u daar niet|ik kan je hier niet|"
     "ik kan u hier niet|ik kan je hierbij niet|ik kan u hierbij niet|ik kan je daarbij niet|"
     "ik kan hier niet bij helpen|ik kan daar niet bij helpen|ik kan hier niet mee|ik kan daar niet mee|"
     "daar kan ik niet|daar kan ik je niet|daar kan ik u niet|daar kan ik helaas|ik kan niet helpen|"
     "ik kan niet voldoen|ik kan niet aan dit verzoek|ik kan dit verzoek niet|ik kan deze vraag niet|"
     "ik kan geen informatie|ik kan geen instructies|ik kan geen hulp|ik ben niet in staat|het spijt me, maar ik|"
     "het spijt mij, maar ik|sorry, maar ik kan|sorry, ik kan|helaas kan ik|ik moet weigeren|ik weiger|"
     "als AI-taalmodel kan ik|als AI kan ik|als taalmodel kan ik",
     "", "",
     "ik weet het niet|ik weet niet|ik ben niet zeker|ik ben er niet zeker|ik ben daar niet zeker|"
     "ik kan me vergissen|ik kan het mis hebben|voor zover ik weet|als ik me niet vergis|"
     "als ik het me goed herinner|moeilijk te zeggen|niet genoeg informatie|onvoldoende informatie|"
     "ik heb geen toegang tot",
     "misschien|waarschijnlijk|mogelijk|wellicht|vermoedelijk|ik denk|ik geloof|ik vermoed|het lijkt|zou kunnen"},
    {"sv",
     "jag kan tyvärr inte|jag kan inte hjälpa|jag kan inte ge dig|jag kan inte tillhandahålla|jag kan inte svara på|"
     "jag kan inte uppfylla|tyvärr kan jag inte|ledsen, men jag kan inte|förlåt, men jag kan inte|jag måste avböja|"
     "jag vägrar|som språkmodell kan jag inte",
     "", "",
     "jag är inte säker|jag vet inte|jag kan ha fel|såvitt jag vet|om jag minns rätt|svårt att säga|"
     "inte tillräckligt med information",
     "kanske|förmodligen|troligen|möjligen|jag tror|jag antar|det verkar"},
    {"cs",
     "nemohu pomoci|nemohu vám pomoci|nemohu ti pomoci|nemůžu ti pomoct|s tím vám nemohu|s tím ti nemohu|"
     "nemohu poskytnout|nemohu vyhovět|nemohu odpovědět|nemohu splnit|omlouvám se, ale nemohu|"
     "je mi líto, ale nemohu|bohužel nemohu|bohužel vám nemohu|musím odmítnout|jako jazykový model nemohu",
     "", "",
     "nejsem si jistý|nejsem si jistá|nevím|mohu se mýlit|pokud vím|pokud se nemýlím|pokud si dobře pamatuji|"
     "těžko říct|nemám dostatek informací",
     "možná|pravděpodobně|snad|myslím|zdá se|nejspíš|asi"},
    {"uk",
     "вибачте, але я не можу|вибачте, я не можу|на жаль, я не можу|на жаль, не можу|перепрошую, але я не можу|"
     "я не можу допомогти|я не можу вам допомогти|я не можу надати|я не можу відповісти|я не можу виконати|"
     "я не можу створити|я не можу написати|я не в змозі|як мовна модель, я не можу|змушений відмовити|я відмовляюся",
     "", "",
     "я не впевнений|я не впевнена|я не знаю|можу помилятися|наскільки я знаю|наскільки мені відомо|"
     "якщо не помиляюся|важко сказати|недостатньо інформації",
     "можливо|мабуть|ймовірно|напевно|я думаю|мені здається|здається"},
    {"vi",
     "tôi không thể giúp|tôi không thể hỗ trợ|tôi không thể cung cấp|tôi không thể trả lời|tôi không thể đáp ứng|"
     "tôi không thể tạo|tôi không thể viết|tôi không thể thực hiện|xin lỗi, nhưng tôi không|xin lỗi, tôi không thể|"
     "rất tiếc, tôi không|rất tiếc, nhưng tôi không",
     "", "",
     "tôi không chắc|tôi không biết|tôi có thể sai|theo tôi được biết|theo như tôi biết|nếu tôi nhớ không nhầm|"
     "khó nói chắc|không có đủ thông tin",
     "có lẽ|có thể là|chắc là|tôi nghĩ|tôi đoán|dường như"},
    {"id",
     "saya tidak dapat membantu|saya tidak bisa membantu|saya tidak dapat memberikan|saya tidak bisa memberikan|"
     "saya tidak dapat memenuhi|saya tidak bisa memenuhi|saya tidak dapat menjawab|saya tidak bisa menjawab|"
     "saya tidak dapat membuat|maaf, tetapi saya tidak|maaf, tapi saya tidak|maaf, saya tidak|saya harus menolak",
     "", "",
     "saya tidak yakin|saya tidak tahu|saya mungkin salah|sejauh yang saya tahu|sepengetahuan saya|"
     "kalau tidak salah|sulit dikatakan|tidak memiliki cukup informasi",
     "mungkin|barangkali|kemungkinan|saya rasa|saya pikir|saya kira|sepertinya"},
    {"fa",
     "نمی‌توانم کمک کنم|نمی‌توانم به شما کمک|نمی‌توانم در این "
     "مورد|"
     "نمی‌توانم این درخواست|نمی‌توانم به این|نمی‌توانم پاسخ|"
     "نمی‌توانم اطلاعات|متأسفم، اما نمی‌توانم|متاسفم، اما "
     "نمی‌توانم|"
     "متأسفم، نمی‌توانم|متاسفم، نمی‌توانم|متأسفانه نمی‌توانم|"
     "متاسفانه نمی‌توانم|قادر به کمک نیستم",
     "", "",
     "مطمئن نیستم|نمی‌دانم|ممکن است اشتباه کنم|تا جایی که می‌دانم|"
     "اگر اشتباه نکنم|گفتنش سخت است|اطلاعات کافی ندارم",
     "شاید|احتمالا|احتمالاً|ممکن است|فکر می‌کنم|به نظر می‌رسد"},
    {"no",
     "jeg kan ikke hjelpe|jeg kan dessverre ikke|dessverre kan jeg ikke|beklager, men jeg kan ikke|"
     "beklager, jeg kan ikke|beklager, men det kan jeg ikke|det kan jeg ikke hjelpe|det kan jeg dessverre ikke|"
     "jeg kan ikke bistå|jeg kan ikke gi deg|jeg kan ikke svare på|jeg kan ikke oppfylle|jeg må avslå|jeg nekter å|"
     "jeg er ikke i stand til å|som språkmodell kan jeg ikke|som en språkmodell kan jeg ikke|"
     "jeg kan ikke hjælpe|jeg kan desværre ikke|desværre kan jeg ikke|beklager, men det kan jeg ikke|"
     "undskyld, men jeg kan ikke|det kan jeg ikke hjælpe|jeg må afvise|som sprogmodel kan jeg ikke",
     "", "",
     "jeg er ikke sikker|jeg vet ikke|jeg ved det ikke|jeg kan ta feil|så vidt jeg vet|så vidt jeg ved|"
     "hvis jeg husker riktig|vanskelig å si|ikke nok informasjon",
     "kanskje|sannsynligvis|muligens|jeg tror|jeg antar|det ser ut til"},
    {"fi",
     "en voi auttaa|en valitettavasti voi|valitettavasti en voi|pahoittelen, mutta en voi|pahoittelen, en voi|"
     "anteeksi, mutta en voi|anteeksi, en voi|olen pahoillani, mutta en voi|en pysty auttamaan|en voi antaa ohjeita|"
     "en voi tarjota|en voi vastata|en voi täyttää|en voi toteuttaa|en pysty vastaamaan|minun on kieltäydyttävä|"
     "joudun kieltäytymään|kieltäydyn|kielimallina en voi|tekoälynä en voi",
     "", "",
     "en ole varma|en ole aivan varma|en tiedä|voin olla väärässä|saatan olla väärässä|tietääkseni|"
     "jos muistan oikein|vaikea sanoa|ei ole tarpeeksi tietoa",
     "ehkä|luultavasti|todennäköisesti|mahdollisesti|luulen|uskon|arvelen|vaikuttaa siltä"},
    {"hu",
     "nem tudok segíteni|nem segíthetek|sajnálom, de nem|sajnálom, nem tud|sajnálom, ebben nem|sajnos nem tudok|"
     "sajnos nem segíthetek|sajnos ebben nem|elnézést, de nem|ebben nem tudok|ebben nem segíthetek|"
     "nem adhatok|nem áll módomban|nem tudom teljesíteni|nem teljesíthetem|nem tudok válaszolni erre|"
     "vissza kell utasítanom|visszautasítom|nyelvi modellként nem",
     "", "",
     "nem vagyok biztos|nem tudom biztosan|nem tudom, hogy|lehet, hogy tévedek|tévedhetek|tudomásom szerint|"
     "ha jól emlékszem|nehéz megmondani|nincs elég információ",
     "talán|valószínűleg|lehetséges|esetleg|azt hiszem|úgy gondolom|úgy tűnik"},
    {"he",
     "אני לא יכול לעזור|אני לא יכולה לעזור|אינני יכול לעזור|איני יכול לעזור|לא אוכל לעזור|לא אוכל לסייע|"
     "אני לא יכול לסייע|אני לא יכולה לסייע|אני לא יכול לספק|אני לא יכולה לספק|איני יכול לספק|לא אוכל לספק|"
     "מצטער, אבל אני לא|מצטערת, אבל אני לא|מצטער, אני לא יכול|מצטערת, אני לא יכולה|מצטער, אך איני|"
     "אני מצטער, אבל|אני מצטערת, אבל|אני נאלץ לסרב|אני מסרב|לצערי לא אוכל|לצערי איני יכול|לצערי אני לא יכול|"
     "כמודל שפה, אני לא",
     "", "",
     "אני לא בטוח|אני לא בטוחה|איני בטוח|אני לא יודע|אני לא יודעת|איני יודע|ייתכן שאני טועה|"
     "למיטב ידיעתי|אם אני זוכר נכון|קשה לומר|אין מספיק מידע",
     "אולי|כנראה|ייתכן|אני חושב|אני מאמין|אני מניח|נראה ש"},
    {"th",
     "ขออภัย ฉันไม่สามารถ|ขออภัย แต่ฉันไม่สามารถ|ขออภัย ผมไม่สามารถ|ขออภัย แต่ผมไม่สามารถ|ขออภัยครับ ผมไม่สามารถ|"
     "ขออภัยค่ะ ดิฉันไม่สามารถ|ขออภัยค่ะ ฉันไม่สามารถ|ขอโทษ ฉันไม่สามารถ|ขอโทษครับ ผมไม่สามารถ|"
     "ขอโทษค่ะ ฉันไม่สามารถ|ฉันไม่สามารถช่วย|ผมไม่สามารถช่วย|ดิฉันไม่สามารถช่วย|ไม่สามารถช่วยเหลือ|"
     "ไม่สามารถช่วยคุณ|ไม่สามารถให้ข้อมูล|ไม่สามารถให้คำแนะนำ|ไม่สามารถทำตามคำขอ|ไม่สามารถตอบคำถามนี้|"
     "เสียใจด้วย ฉันไม่สามารถ|ฉันขอปฏิเสธ|ผมขอปฏิเสธ",
     "", "",
     "ฉันไม่แน่ใจ|ผมไม่แน่ใจ|ฉันไม่ทราบ|ผมไม่ทราบ|ฉันไม่รู้|ผมไม่รู้|ฉันอาจจะผิด|เท่าที่ฉันทราบ|เท่าที่ผมทราบ|"
     "ถ้าจำไม่ผิด|ยากที่จะบอก|ไม่มีข้อมูลเพียงพอ",
     "บางที|อาจจะ|น่าจะ|ฉันคิดว่า|ผมคิดว่า|เป็นไปได้ว่า|ดูเหมือน"},
    {"el",
     "δεν μπορώ να βοηθήσω|δεν μπορώ να σας βοηθήσω|δεν μπορώ να σε βοηθήσω|δεν μπορώ να παρέχω|"
     "δεν μπορώ να σας παρέχω|δεν μπορώ να δώσω|δεν μπορώ να απαντήσω|δεν μπορώ να ικανοποιήσω|"
     "δεν μπορώ να εκπληρώσω|δεν μπορώ να δημιουργήσω|λυπάμαι, αλλά δεν μπορώ|λυπάμαι, δεν μπορώ|"
     "συγγνώμη, αλλά δεν μπορώ|συγγνώμη, δεν μπορώ|ζητώ συγγνώμη, αλλά|δυστυχώς, δεν μπορώ|δυστυχώς δεν μπορώ|"
     "δεν είμαι σε θέση να|πρέπει να αρνηθώ|αρνούμαι να|ως γλωσσικό μοντέλο, δεν|ως γλωσσικό μοντέλο δεν",
     "", "",
     "δεν είμαι σίγουρος|δεν είμαι σίγουρη|δεν είμαι βέβαιος|δεν ξέρω|δεν γνωρίζω|μπορεί να κάνω λάθος|"
     "απ' όσο γνωρίζω|αν θυμάμαι καλά|δύσκολο να πω|δεν υπάρχουν αρκετές πληροφορίες",
     "ίσως|πιθανώς|πιθανόν|μάλλον|νομίζω|πιστεύω|υποθέτω|φαίνεται"},
};

}  // namespace

std::span<const Lexicon> lexicons() {
  return all;
}

std::vector<std::string_view> split_phrases(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find('|'), list.size());
    if (end > 0) out.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

void add_spellings(std::vector<std::string>& out, std::string phrase) {
  std::string curly;
  for (const char c : phrase) {
    if (c == '\'')
      curly += "\u2019";
    else
      curly += c;
  }
  const bool differs = curly != phrase;
  out.push_back(std::move(phrase));
  if (differs) out.push_back(std::move(curly));
}

}  // namespace triage::verify
