# الخلاصات والبحث والقوائم والوسوم والمكتوم. ترجمة آلية لم تُراجَع بعد.

feed-title = الرئيسية
feed-new = { $count ->
    [zero] لا منشورات جديدة
    [one] منشور جديد واحد
    [two] منشوران جديدان
    [few] { $count } منشورات جديدة
    [many] { $count } منشورًا جديدًا
   *[other] { $count } منشور جديد
}
feed-more = عرض المزيد
feed-older = المتابعة إلى منشورات أقدم
feed-back-to-newest = العودة إلى أحدث المنشورات
feed-end = قرأت كل شيء.
feed-read-to-here = قرأت حتى هنا
tabs-label = الخلاصات
tabs-home = الرئيسية
tabs-bookmarks = الإشارات المرجعية
tabs-edit = القوائم والوسوم
empty-bookmarks = لا إشارات مرجعية بعد. احتفظ بمنشور بعلامة الإشارة فيه: تجده هنا، ولا يُخبَر أحد.
empty-list = لا شيء من هؤلاء الأشخاص بعد.
empty-list-more = أضف أشخاصًا، أو انتظر ما يكتبونه لاحقًا.
empty-tag = لا منشور بهذا الوسم على هذا الجهاز بعد. تابعه، وما يصل يظهر هنا.
bookmark-add = إشارة مرجعية
bookmark-remove = إزالة الإشارة المرجعية
bookmark-gone = ما وضعت عليه الإشارة لم يعد على هذا الجهاز.
bookmark-open-thread = فتح سلسلة التعليقات
feed-fetching = يجري الجلب من جهازك الآخر…
feed-fetching-more = ما هو لك يظهر هنا ما دام الجهازان يعملان.
empty-title = المكان هادئ هنا. ثلاث طرق للبدء:
empty-follow = تابع أحدًا
empty-follow-more = ألصق رابطًا أرسله إليك صديق.
empty-invite = ادعُ أحدًا
empty-invite-more = أرسل رابطك أو اعرضه رمزًا.
empty-profile = أضف صورة لك
empty-profile-more = ليعرفك أناسك.

search-messages = الرسائل
search-messages-told = يُبحث في رسائلك على هذا الجهاز وحده. ولا يُسأل الآخرون إلا عن المنشورات العامة والأشخاص، وهم يرون الكلمات التي تبحث عنها هناك.
lists-title = القوائم والوسوم
lists-new = قائمة جديدة
lists-told = لكل قائمة خلاصة خاصة بها. ولا يرى أحد قوائمك ما لم تنشر إحداها.
lists-name = اسم القائمة
lists-make = إنشاء القائمة
lists-empty = لا قوائم بعد. أنشئ واحدة وأضف إليها أشخاصًا.
lists-members = { $count ->
    [zero] لا أحد
    [one] شخص واحد
    [two] شخصان
    [few] { $count } أشخاص
    [many] { $count } شخصًا
   *[other] { $count } شخص
}
lists-read = قراءة
lists-show-people = من فيها
lists-hide-people = إخفاء الأشخاص
lists-delete = حذف القائمة
lists-nobody-followed = تابع أحدًا أولًا: تضيف إليها من تتابعهم.
tags-title = الوسوم
tags-told = ما يكتبه الناس بوسم تتابعه له خلاصة خاصة به.
tags-name = #وسم
tags-unfollow = إلغاء متابعة #{ $tag }
tags-at-home = عرض هذه المنشورات في الرئيسية أيضًا

muted-title = المكتوم والمحظور
muted-told = ما هو هنا لا يُعرض عليك. لا يُخبَر أحد، ولا يُحذف شيء.
muted-empty = لا شيء مكتوم أو محظور. يُكتم الأشخاص وسلاسل التعليقات من قوائمهم.
mute-word-title = كتم كلمة
mute-word-placeholder = كلمة أو عبارة
mute-word-everywhere = في كل مكان، لا في الخلاصات فقط
mute-word-hint = تُحتسب الكلمات الكاملة، بأحرف كبيرة أو صغيرة.
muted-words = الكلمات
muted-people = الأشخاص المكتومون
muted-threads = سلاسل التعليقات المكتومة
muted-conversations = المحادثات المكتومة
muted-reposts = إعادات النشر المخفية
muted-blocked = الأشخاص المحظورون
muted-everywhere = في كل مكان
muted-in-feeds = في الخلاصات
muted-left = بقي { $left }

search-title = بحث
search-placeholder = منشورات، أشخاص، وسوم
search-how = ابحث عن كلمات، أو "عبارة"، أو #وسوم، أو منشورات from:شخص. يُبحث في هذا الجهاز أولًا؛ وحين تتوقف عن الكتابة تُسأل الأجهزة المتصلة أيضًا.
search-people = الأشخاص
search-tags = الوسوم
search-posts = المنشورات
search-asked = سُئلت الأجهزة المتصلة أيضًا. ما تجده يظهر هنا.
search-you = أنت
search-followed = تتابعهم
search-nothing = لم يُعثر حتى الآن على شيء لـ «{ $text }».
search-tag-posts = { $count ->
    [zero] لا منشورات
    [one] منشور واحد
    [two] منشوران
    [few] { $count } منشورات
    [many] { $count } منشورًا
   *[other] { $count } منشور
}
