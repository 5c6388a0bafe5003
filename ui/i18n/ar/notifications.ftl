# ما حدث، وما يُخبَر به.

nav-notifications = الجديد
nav-notifications-unread = الجديد، { $count ->
    [zero] لا إشعارات جديدة
    [one] إشعار جديد واحد
    [two] إشعاران جديدان
    [few] { $count } إشعارات جديدة
    [many] { $count } إشعارًا جديدًا
   *[other] { $count } إشعار جديد
}
keys-notifications = الجديد
notifications-title = الجديد
notifications-filter = أي الإشعارات
notifications-all = الكل
notifications-mentions = الإشارات
notifications-read-all = تعليم الكل كمقروء
notifications-read = تعليم كمقروء
notifications-more = عرض الأقدم
notifications-new = جديد:
notifications-menu = المزيد عن هذا الإشعار
notifications-mute-conversation = كتم هذه المحادثة
notifications-mentions-of = إشارات { $name } فقط
notifications-nothing-of = لا شيء من { $name }
notifications-rule-set = تم الحفظ. تجده في الإعدادات ويمكنك التراجع عنه هناك.
notifications-empty = لم يحدث شيء بعد.
notifications-empty-hint = تظهر هنا التعليقات والتفاعلات والرسائل والمتابعون.
notifications-some-off = بعض الأنواع متوقفة في الإعدادات، فلا تظهر هنا.
notifications-empty-mentions = لم يُشر إليك أحد ولم يجبك ولم يقتبس منك بعد.

told-comment = { $others ->
    [0] علّق { $name } على منشورك
    [one] علّق { $name } وشخص آخر على منشورك
    [two] علّق { $name } وشخصان آخران على منشورك
    [few] علّق { $name } و{ $others } آخرون على منشورك
    [many] علّق { $name } و{ $others } آخر على منشورك
   *[other] علّق { $name } و{ $others } آخر على منشورك
}
told-answer = { $others ->
    [0] أجابك { $name }
    [one] أجابك { $name } وشخص آخر
    [two] أجابك { $name } وشخصان آخران
    [few] أجابك { $name } و{ $others } آخرون
    [many] أجابك { $name } و{ $others } آخر
   *[other] أجابك { $name } و{ $others } آخر
}
told-mention = { $others ->
    [0] أشار إليك { $name }
    [one] أشار إليك { $name } وشخص آخر
    [two] أشار إليك { $name } وشخصان آخران
    [few] أشار إليك { $name } و{ $others } آخرون
    [many] أشار إليك { $name } و{ $others } آخر
   *[other] أشار إليك { $name } و{ $others } آخر
}
told-quote = { $others ->
    [0] اقتبس منك { $name }
    [one] اقتبس منك { $name } وشخص آخر
    [two] اقتبس منك { $name } وشخصان آخران
    [few] اقتبس منك { $name } و{ $others } آخرون
    [many] اقتبس منك { $name } و{ $others } آخر
   *[other] اقتبس منك { $name } و{ $others } آخر
}
told-reaction = { $others ->
    [0] تفاعل { $name } مع منشورك: { $emoji }
    [one] تفاعل { $name } وشخص آخر مع منشورك: { $emoji }
    [two] تفاعل { $name } وشخصان آخران مع منشورك: { $emoji }
    [few] تفاعل { $name } و{ $others } آخرون مع منشورك: { $emoji }
    [many] تفاعل { $name } و{ $others } آخر مع منشورك: { $emoji }
   *[other] تفاعل { $name } و{ $others } آخر مع منشورك: { $emoji }
}
told-reaction-comment = { $others ->
    [0] تفاعل { $name } مع تعليقك: { $emoji }
    [one] تفاعل { $name } وشخص آخر مع تعليقك: { $emoji }
    [two] تفاعل { $name } وشخصان آخران مع تعليقك: { $emoji }
    [few] تفاعل { $name } و{ $others } آخرون مع تعليقك: { $emoji }
    [many] تفاعل { $name } و{ $others } آخر مع تعليقك: { $emoji }
   *[other] تفاعل { $name } و{ $others } آخر مع تعليقك: { $emoji }
}
told-vote = { $others ->
    [0] صوّت { $name } في استطلاعك: { $option }
    [one] صوّت { $name } وشخص آخر في استطلاعك: { $option }
    [two] صوّت { $name } وشخصان آخران في استطلاعك: { $option }
    [few] صوّت { $name } و{ $others } آخرون في استطلاعك: { $option }
    [many] صوّت { $name } و{ $others } آخر في استطلاعك: { $option }
   *[other] صوّت { $name } و{ $others } آخر في استطلاعك: { $option }
}
told-vote-reaction = { $others ->
    [0] صوّت { $name } في استطلاعك: { $option }، وتفاعل: { $emoji }
    [one] صوّت { $name } وشخص آخر في استطلاعك: { $option }، أو تفاعلا: { $emoji }
    [two] صوّت { $name } وشخصان آخران في استطلاعك: { $option }، أو تفاعلوا: { $emoji }
    [few] صوّت { $name } و{ $others } آخرون في استطلاعك: { $option }، أو تفاعلوا: { $emoji }
    [many] صوّت { $name } و{ $others } آخر في استطلاعك: { $option }، أو تفاعلوا: { $emoji }
   *[other] صوّت { $name } و{ $others } آخر في استطلاعك: { $option }، أو تفاعلوا: { $emoji }
}
told-repost = { $others ->
    [0] أعاد { $name } نشر منشورك
    [one] أعاد { $name } وشخص آخر نشر منشورك
    [two] أعاد { $name } وشخصان آخران نشر منشورك
    [few] أعاد { $name } و{ $others } آخرون نشر منشورك
    [many] أعاد { $name } و{ $others } آخر نشر منشورك
   *[other] أعاد { $name } و{ $others } آخر نشر منشورك
}
told-follower = { $others ->
    [0] { $name } يتابعك
    [one] { $name } وشخص آخر يتابعانك
    [two] { $name } وشخصان آخران يتابعونك
    [few] { $name } و{ $others } آخرون يتابعونك
    [many] { $name } و{ $others } آخر يتابعونك
   *[other] { $name } و{ $others } آخر يتابعونك
}
told-message = { $count ->
    [0] رسائل من { $name }
    [one] رسالة جديدة من { $name }
    [two] رسالتان جديدتان من { $name }
    [few] { $count } رسائل جديدة من { $name }
    [many] { $count } رسالة جديدة من { $name }
   *[other] { $count } رسالة جديدة من { $name }
}
told-request = { $others ->
    [0] يطلب { $name } مراسلتك
    [one] يطلب { $name } وشخص آخر مراسلتك
    [two] يطلب { $name } وشخصان آخران مراسلتك
    [few] يطلب { $name } و{ $others } آخرون مراسلتك
    [many] يطلب { $name } و{ $others } آخر مراسلتك
   *[other] يطلب { $name } و{ $others } آخر مراسلتك
}
told-invitation = يدعوك { $name } إلى مجموعة: { $group }
told-circle = أضافك { $name } إلى دائرة: { $circle }
told-device = جهاز جديد من أجهزتك: { $device }
told-edit = { $others ->
    [0] عدّل { $name } منشورًا شاركت فيه
    [one] عدّل { $name } وشخص آخر منشورًا شاركت فيه
    [two] عدّل { $name } وشخصان آخران منشورًا شاركت فيه
    [few] عدّل { $name } و{ $others } آخرون منشورًا شاركت فيه
    [many] عدّل { $name } و{ $others } آخر منشورًا شاركت فيه
   *[other] عدّل { $name } و{ $others } آخر منشورًا شاركت فيه
}
told-backup = نسختك الاحتياطية تحتاج إليك

told-title = الإشعارات
told-kinds = أخبرني عن
told-kind-comments = التعليقات والأجوبة
told-kind-mentions = الإشارات والاقتباسات
told-kind-reactions = التفاعلات
told-kind-reposts = إعادات النشر
told-kind-edits = تعديلات ما علّقت عليه أو تفاعلت معه
told-kind-followers = المتابعون
told-kind-messages = الرسائل والطلبات
told-kind-circles = المجموعات والدوائر
told-always = الأجهزة الجديدة والنسخ الاحتياطية التي تحتاج إليك يُخبَر بها دائمًا. تلتزم كل أجهزتك بهذا.
told-quiet = ساعات الهدوء
told-quiet-told = لا يظهر حينها شيء خارج كيث، بل ينتظرك هنا.
told-quiet-from = من
told-quiet-to = إلى
told-exceptions = الاستثناءات
told-conversation = محادثة
told-rule-mentions = الإشارات فقط
told-rule-none = لا شيء
told-all-again = الإخبار بكل شيء من جديد
told-all-again-of = الإخبار بكل شيء من { $name } من جديد
told-os = إظهارها خارج النافذة أيضًا
told-os-texts = مع الأسماء والنصوص
notify-hidden = شيء جديد
notify-many = { $count ->
    [zero] لا إشعارات جديدة
    [one] إشعار جديد واحد
    [two] إشعاران جديدان
    [few] { $count } إشعارات جديدة
    [many] { $count } إشعارًا جديدًا
   *[other] { $count } إشعار جديد
}
settings-at-login = تشغيل كيث عند تسجيل الدخول
settings-at-login-failed = لا يسمح هذا النظام لكيث بالبدء تلقائيًا.
settings-tray = المتابعة في شريط النظام عند إغلاق النافذة
settings-no-tray = لا يعرض سطح المكتب لديك أيقونات للبرامج: إغلاق النافذة ينهي كيث، ولا يصل شيء حتى تفتحه من جديد.
tray-show = إظهار كيث
tray-quit = إنهاء كيث
