# المنشورات والصور والتعليقات. ترجمة آلية لم تُراجَع بعد.

picture-open = عرض الصورة
picture-alt = وصف
picture-show-alt = وصف: عرضه
picture-without-alt = صورة بلا وصف
picture-coming = الصورة في الطريق
picture-too-large = أقصى حجم للملف { $limit } م.ب.
picture-unreadable = تعذّرت قراءة هذا الملف بوصفه صورة.

post-title = منشور
post-open = فتح المنشور
post-deleted = حُذف هذا المنشور.
post-edited = معدَّل
post-edited-title = تغيّر بعد كتابته: اعرض ما كان فيه
post-blocked = منشور من شخص حظرته
versions-title = النُّسخ
versions-now = كما هو الآن
versions-gone = النسخ السابقة ليست على هذا الجهاز.
hidden-title = ما أخفيتَه
hidden-count = { $count ->
    [zero] لم تُخفِ أي رد أو تفاعل.
    [one] أخفيت ردًا أو تفاعلًا واحدًا.
    [two] أخفيت ردّين أو تفاعلين.
    [few] أخفيت { $count } ردود أو تفاعلات.
    [many] أخفيت { $count } ردًا أو تفاعلًا.
   *[other] أخفيت { $count } رد أو تفاعل.
}
hidden-reaction = تفاعل بـ { $emoji }
hidden-undo = إظهار مجددًا
hidden-undo-of = إظهار مجددًا لما كتبه { $name }
share-copy = نسخ الرابط
share-copied = نُسخ الرابط. وهو يعرض هذا المنشور لأي شخص لديه متصفح.
post-show = إظهار
post-hide = إخفاء
post-waiting = بانتظار اتصال
post-waiting-title = محفوظ هنا ويخرج حالما يتصل أحد.
post-clock = الساعة خاطئة
post-clock-title = ذكر جهاز الكاتب وقتًا في المستقبل، فقد يكون هذا الوقت خاطئًا.
post-forked = نسختان
post-forked-title = كتب جهاز الكاتب تاريخين، من نسخة قديمة مثلًا. وكلاهما محفوظ.
post-comments = { $count ->
    [zero] { $count } تعليقات
    [one] { $count } تعليق
    [two] { $count } تعليق
    [few] { $count } تعليقات
    [many] { $count } تعليقًا
   *[other] { $count } تعليق
}
post-reactions = التفاعلات
post-react = إضافة تفاعل
post-react-with = التفاعل بـ { $emoji }
post-react-limit = أقصى عدد من تفاعلاتك على المنشور { $limit }.
post-reaction = { $emoji }، { $count ->
    [zero] { $count } تفاعلات
    [one] { $count } تفاعل
    [two] { $count } تفاعل
    [few] { $count } تفاعلات
    [many] { $count } تفاعلًا
   *[other] { $count } تفاعل
}
post-menu = المزيد
post-edit = تعديل
post-edit-label = النص الجديد
post-edit-hint = تبقى النسخ السابقة ظاهرة لمن لديه نسخة منها.
post-delete = حذف
post-thread-muted = سلسلة تعليقات مكتومة
post-held = { $count ->
    [0] لا تُعرف نسخة أخرى
    [one] على جهاز آخر
    [two] على جهازين آخرين
    [few] على { $count } أجهزة أخرى
    [many] على { $count } جهازًا آخر
   *[other] على { $count } جهاز آخر
}
post-held-title = أجهزة شوهدت لديها نسخة في الأيام الأخيرة، فيستطيع الآخرون قراءته وهذا الجهاز متوقف. وقد يكون هناك غيرها.
repost = إعادة نشر
repost-undo = التراجع عن إعادة النشر
repost-count = { $count ->
    [0] إعادة نشر
    [one] إعادة نشر، { $count } مرة حتى الآن
    [two] إعادة نشر، { $count } مرة حتى الآن
    [few] إعادة نشر، { $count } مرات حتى الآن
    [many] إعادة نشر، { $count } مرة حتى الآن
   *[other] إعادة نشر، { $count } مرة حتى الآن
}
reposted-by = { $others ->
    [0] أعاد { $name } نشره
    [one] أعاد { $name } وواحد آخر نشره
    [two] أعاد { $name } واثنان آخران نشره
    [few] أعاد { $name } و{ $others } آخرون نشره
    [many] أعاد { $name } و{ $others } آخرون نشره
   *[other] أعاد { $name } و{ $others } آخرون نشره
}
comments-close = إغلاق التعليقات
comments-open = فتح التعليقات للجميع
comments-closed = التعليقات مغلقة
comments-some = التعليق متاح لبعض الأشخاص فقط
comments-closed-done = لم يعد أحد يستطيع التعليق. التعليقات الموجودة مخفية لا محذوفة.
comments-opened-done = يستطيع الجميع التعليق.
comment-hide = إخفاء هذا التعليق
comment-hidden-done = أُخفي، عند كل من يعلم بذلك.
mute-thread = كتم سلسلة التعليقات هذه…
mute-thread-title = كتم سلسلة التعليقات هذه؟
mute-thread-does = يخرج المنشور وما كُتب تحته من خلاصاتك. ولا يُخبَر أحد.
mute-thread-undo = إظهار سلسلة التعليقات مجددًا
mute-person = كتم { $name }…
mute-title = كتم { $name }؟
mute-does = تخرج منشوراتهم من خلاصاتك، ويُطوى ما يكتبونه تحت المنشورات. ولا يُخبَرون.
mute-yes = كتم
muted-person = كُتم. يمكنك التراجع من الإعدادات.
quiet = مكتومة
quiet-title = كتم المحادثة
quiet-does = ما يصل فيها لا يُحتسب جديدًا. وتجده مع ذلك. ولا يُخبَر أحد.
quiet-done = كُتمت. يمكنك التراجع من قائمتها.
quiet-undo = إلغاء كتم المحادثة
muted-thread = تخرج السلسلة من خلاصاتك. يمكنك التراجع من الإعدادات.
unmuted = يُعرض مجددًا.
block-person = حظر { $name }…
block-title = حظر { $name }؟
block-does = لن يُعرض عليك بعد الآن شيء مما يكتبونه أو يتفاعلون به، في أي مكان. ولا يُخبَرون.
block-yes = حظر
blocked-person = حُظر. يمكنك التراجع من الإعدادات.
reposts-hide = إخفاء ما يعيدون نشره
reposts-show = إظهار ما يعيدون نشره
reposts-show-of = إظهار ما يعيدون نشره: { $name }
reposts-title = إخفاء ما يعيد { $name } نشره؟
reposts-does = ما يمررونه يخرج من خلاصاتك، وما يكتبونه بأنفسهم يبقى. ولا يُخبَرون.
reposts-hidden = أُخفي. يمكنك التراجع من ملفهم أو من الإعدادات.
unmute = إلغاء الكتم
unmute-of = إلغاء الكتم: { $what }
unblock = إلغاء الحظر
unblock-of = إلغاء الحظر: { $what }
span-label = المدة
span-for-good = حتى أتراجع عنه
span-day = يوم واحد
span-week = 7 أيام
span-month = 30 يومًا
delete-title = حذف هذا المنشور؟
delete-comment-title = حذف هذا التعليق؟
delete-does = يُزال نصه وصوره هنا، وعلى الأجهزة التي لديها نسخة حالما تعلم بذلك.
delete-leaves = ما يبقى إلى الأبد: أنك نشرت شيئًا في هذا الوقت. ولا يستطيع أحد أن يسترد ما رآه الآخرون أو نسخوه أو احتفظوا به.
delete-yes = حذف

thread-label = التعليقات
thread-count = { $count ->
    [0] التعليقات
    [one] تعليق واحد
    [two] تعليقان
    [few] { $count } تعليقات
    [many] { $count } تعليقًا
   *[other] { $count } تعليق
}
thread-empty = لا تعليقات بعد.
thread-more = عرض المزيد من التعليقات
thread-fold = طي
thread-unfold = { $count ->
    [zero] لا ردود
    [one] عرض رد واحد
    [two] عرض ردّين
    [few] عرض { $count } ردود
    [many] عرض { $count } ردًا
   *[other] عرض { $count } رد
}
comment-deleted = حُذف هذا التعليق.
comment-muted = تعليق كتمته
comment-blocked = تعليق من شخص حظرته
comment-answer = رد
answer-placeholder = الرد على { $name }
answer-send = إرسال
