// What is listed was chosen to stand in hardly any answer that does what was asked: "I can't" alone is in many.
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
     "unable to fulfill your request|unable to comply with|I won't help with|I will not help with",
     "I can't|I cannot|I can not|I'm unable to|I am unable to|I'm not able to|I am not able to|I won't|I will not|"
     "I won't be able to|I'm not going to|I'm not comfortable|I do not feel comfortable|I don't feel comfortable",
     "help with|help you|assist|provide|fulfill|fulfil|comply|create|creating|generate|generating|write|writing|"
     "produce|discuss|engage|answer this|answer that|answer your|share|support|give you|offer|do that|participate|"
     "continue with this|process this request|carry out|providing|helping|assisting|discussing",
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
