# قوائم أشخاص منشورة، ومن تقترحهم. ترجمة آلية لم تُراجَع بعد.

published-people = { $count ->
    [zero] قائمة فارغة
    [one] قائمة من شخص واحد
    [two] قائمة من شخصين
    [few] قائمة من { $count } أشخاص
    [many] قائمة من { $count } شخصًا
   *[other] قائمة من { $count } شخص
}
published-follow-all = متابعة الجميع
published-follow-all-title = { $count ->
    [zero] لا أحد لمتابعته
    [one] متابعة شخص واحد؟
    [two] متابعة شخصين؟
    [few] متابعة { $count } أشخاص؟
    [many] متابعة { $count } شخصًا؟
   *[other] متابعة { $count } شخص؟
}
published-follow-all-does = تتابع كل من لا تتابعه منهم بعد. ويمكنك إلغاء متابعة كل واحد من صفحته.
published-followed = تتابعه
published-you = أنت
published-told = الأسماء كما في القائمة إلى أن يصل ملف التعريف.
published-publish = نشر هذه القائمة
published-publish-told = يذكر منشور عام كل من في هذه القائمة الآن. ومن يتابعك تُقترح عليه أسماؤهم. وما تغيّره في القائمة لاحقًا يبقى لك.
published-publish-text = ما يُكتب فوقها
published-publish-go = نشر
suggested-title = مقترحون
suggested-by = { $count ->
    [zero] في «{ $title }» لـ { $by }
    [one] في «{ $title }» لـ { $by }
    [two] في قوائم شخصين، آخرها «{ $title }» لـ { $by }
    [few] في قوائم { $count } أشخاص، آخرها «{ $title }» لـ { $by }
    [many] في قوائم { $count } شخصًا، آخرها «{ $title }» لـ { $by }
   *[other] في قوائم { $count } شخص، آخرها «{ $title }» لـ { $by }
}
suggested-follow = متابعة { $name }
suggested-drop = عدم الاقتراح
suggested-drop-label = عدم الاقتراح: { $name }
published-again = نشرها من جديد
published-replaces = يُحذف المنشور القائم الآن مع ما قاله الآخرون عنه، ويحل محله منشور جديد.
published-look = القائمة المنشورة
published-withdraw = سحب
published-withdraw-title = سحب هذه القائمة؟
published-withdraw-does = يُحذف منشورها في كل مكان ولا يقترح أحدًا بعد الآن. تبقى القائمة نفسها لك، ومن تابع أحدًا بسببها يستمر في متابعته.
published-withdrawn = سُحبت القائمة.
