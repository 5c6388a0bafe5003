# المحادثات الخاصة. ترجمة آلية لم تُراجَع بعد.

messages-title = الرسائل
messages-tabs = أنواع الرسائل
messages-requests = { $count ->
    [zero] لا طلبات
    [one] طلب واحد
    [two] طلبان
    [few] { $count } طلبات
    [many] { $count } طلبًا
   *[other] { $count } طلب
}
messages-requests-told = من أشخاص لا تتابعهم. قبل أن تقبل لا يُخبَرون بوصولها ولا بقراءتك لها.
messages-new = رسالة جديدة
messages-new-more = إلى شخص واحد أو إلى عدة أشخاص معًا.
messages-notes = ملاحظة لنفسي
messages-notes-more = ما تدوّنه هنا على أجهزتك أنت فقط.
messages-alone = غادر الجميع
messages-somebody = شخص ما
messages-alone-told = غادر كل الآخرين هذه المحادثة. وما قيل يبقى هنا.
messages-nothing-yet = لا شيء بعد
messages-unread = { $count ->
    [zero] لا شيء غير مقروء
    [one] واحدة غير مقروءة
    [two] اثنتان غير مقروءتين
    [few] { $count } غير مقروءة
    [many] { $count } غير مقروءة
   *[other] { $count } غير مقروءة
}
messages-empty = لا محادثات بعد
messages-empty-more = الرسائل مختومة لأجهزة من تكتب إليهم. ومن يحملها لا يستطيع قراءتها ولا معرفة لمن هي.
messages-choose = اختر محادثة أو ابدأ محادثة جديدة.
messages-log = رسائل هذه المحادثة
messages-begin = من هنا تبدأ المحادثة. وهي مختومة لأجهزة من فيها.
messages-longest = لا تُعرض هنا إلا آخر { $limit } رسالة. أما الأقدم فما زالت محفوظة.
messages-unread-line = جديد
messages-new-below = { $count ->
    [zero] لا رسائل جديدة
    [one] رسالة جديدة واحدة
    [two] رسالتان جديدتان
    [few] { $count } رسائل جديدة
    [many] { $count } رسالة جديدة
   *[other] { $count } رسالة جديدة
}
messages-to-end = إلى الأحدث
message-earlier = رسالة سابقة
message-earlier-show = إظهارها
messages-members = { $count ->
    [zero] لا أعضاء
    [one] عضو واحد
    [two] عضوان
    [few] { $count } أعضاء
    [many] { $count } عضوًا
   *[other] { $count } عضو
}
messages-show-members = من فيها
messages-waiting = بانتظار جهازهم
messages-waiting-told = لم تصل مفاتيح جهازهم بعد، فلا يمكن ختم شيء له. ما تكتبه يُحفظ هنا ويخرج حالما تصل.
message-by = { $name }، { $time }
message-said = { $name }: { $text }
message-you = أنت
message-deleted = سُحبت هذه الرسالة.
message-goes = تختفي في { $when }
message-to-quoted = الذهاب إلى هذه الرسالة
message-quoted-gone = هذه الرسالة قديمة جدًا، أو لم تعد هنا.
message-reply = رد
message-copy = نسخ النص
message-copied = نُسخ النص.
message-delete = سحب…
message-delete-title = سحب هذه الرسالة؟
message-delete-does = يُزال نصها هنا، وعلى أجهزة كل من في هذه المحادثة حالما تعلم بذلك.
message-delete-leaves = يبقى أن شيئًا كان هنا، ولا يستطيع أحد أن يسترد ما قرأه الآخرون أو نسخوه أو احتفظوا به.
message-delete-yes = سحب
message-react-other = أي رمز تعبيري
message-react-wrong = التفاعل رمز تعبيري واحد.
state-queued = بالانتظار
state-queued-told = على هذا الجهاز فقط. تخرج حالما يتصل أحد، وتُحفظ لذلك 30 يومًا.
state-sent = أُرسلت
state-sent-told = أخذها جهاز آخر وهو يحملها.
state-held = محفوظة لهم
state-held-told = يحفظها صندوق بريد حتى يتصلوا.
state-delivered = وصلت
state-delivered-told = هي على جهاز لكل من في هذه المحادثة.
state-read = قُرئت
state-read-told = كل من في هذه المحادثة يقول إنه قرأها.
say-placeholder = رسالة
say-note = ملاحظة
say-send = إرسال
say-send-title = إرسال (Enter)؛ و Shift مع Enter يبدآن سطرًا جديدًا
say-reply-to = رد على { $name }
say-editing = نص آخر
say-editing-told = يرى الآخرون أنها عُدّلت. وقد يتذكرون ما قرأوه من قبل.
timer-title = رسائل تختفي
timer-label = تختفي الرسائل
timer-off = أبدًا
timer-hour = بعد ساعة من قراءتها
timer-day = بعد يوم من قراءتها
timer-week = بعد أسبوع من قراءتها
timer-told = يسري على كل من في هذه المحادثة، وعلى ما يُكتب من الآن فصاعدًا. يزيل كل جهاز الرسالة بعد هذه المدة من قراءتها عليه. ولا يمنع ذلك أحدًا من نسخها قبل ذلك.
timer-on = تختفي بعد { $time }
leave = مغادرة هذه المحادثة…
leave-title = مغادرة هذه المحادثة؟
leave-does = لا يصل منها شيء بعد ذلك، ويرى الآخرون أنك غادرت. وما قيل يبقى هنا. ويستطيع من فيها إضافتك مجددًا.
leave-yes = مغادرة
leave-left = غادرت هذه المحادثة. وما قيل قبل ذلك يبقى هنا.
leave-done = غادرت هذه المحادثة.
request-label = طلب
request-who = يريد { $name } أن يكتب إليك. وأنت لا تتابعه.
request-told = حتى تقبل لا يُجاب بشيء: لا يُخبَرون بوصولها ولا بقراءتك لها.
request-accept = قبول
request-decline = رفض
request-declined = رُفض. ولا يُخبَرون.
write-how = اختر لمن تكتب. مع عدة أشخاص تكون لكم محادثة واحدة معًا.
write-to = إلى
write-more = إضافة أشخاص
write-remove = عدم الكتابة إلى { $name }
write-search = ابحث عن أشخاص بالاسم
write-nobody = لا تتابع أحدًا بعد. تابع أحدًا لتستطيع الكتابة إليه.
write-not-found = لا أحد معروف هنا بهذا الاسم.
write-one-told = ما تكتبه مختوم لأجهزة { $name }. ولا يستطيع غيره قراءته.
write-several-told = رسالتك الأولى تبدأ محادثة من { $count }. ويرى كل من فيها من فيها أيضًا.
write-notes-told = ما تدوّنه هنا على أجهزتك أنت فقط.

say-attach = إضافة صور أو ملفات
say-remove-file = استبعاده
say-preparing = { $count ->
    [zero] لا ملفات قيد الختم
    [one] يجري ختم ملف…
    [two] يجري ختم ملفين…
    [few] يجري ختم { $count } ملفات…
    [many] يجري ختم { $count } ملفًا…
   *[other] يجري ختم { $count } ملف…
}
say-too-many = أقصى عدد من الملفات في الرسالة { $limit }.
message-files = { $count ->
    [zero] لا صور ولا ملفات
    [one] صورة أو ملف
    [two] صورتان أو ملفان
    [few] { $count } صور أو ملفات
    [many] { $count } صورة أو ملفًا
   *[other] { $count } صورة أو ملف
}
files-closed = { $count ->
    [zero] لا صور ولا ملفات.
    [one] صورة أو ملف: يُفتح حالما تقبل.
    [two] صورتان أو ملفان: يُفتحان حالما تقبل.
    [few] { $count } صور أو ملفات: تُفتح حالما تقبل.
    [many] { $count } صورة أو ملفًا: تُفتح حالما تقبل.
   *[other] { $count } صورة أو ملف: تُفتح حالما تقبل.
}
viewer-title = صورة
file-without-name = ملف
file-save = حفظ
file-save-of = حفظ { $name }
file-fetch = طلبه مجددًا
file-coming = الملف في الطريق. حاول مجددًا بعد لحظة.
file-saved = حُفظ باسم { $place }
file-not-saved = تعذّر حفظ الملف: { $error }
keys-chat = في محادثة
keys-chat-above = المحادثة التي فوقها
keys-chat-below = المحادثة التي تحتها
keys-chat-edit = في حقل فارغ: تعديل رسالتك الأخيرة
keys-chat-reply-up = الرد على الرسالة الأخيرة أو التي فوقها
keys-chat-reply-down = الرد على الرسالة التي تحتها أو عدم الرد
keys-chat-give-up = التوقف عن الرد أو التعديل
