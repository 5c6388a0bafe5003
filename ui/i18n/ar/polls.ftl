# استطلاعات الرأي.
poll-legend = استطلاع
poll-title = استطلاع: النص هو السؤال، وهذه هي الإجابات
poll-short = استطلاع
poll-option = الإجابة { $place }
poll-add = إضافة إجابة
poll-remove = إزالة الإجابة { $place }
poll-lasts = ينتهي بعد
poll-hour = ساعة
poll-day = يوم
poll-3-days = 3 أيام
poll-week = 7 أيام
poll-no-question = يحتاج الاستطلاع إلى سؤال: اكتبه نصًا للمنشور.
poll-few = { $count ->
    [zero] اكتب إجابات.
    [one] اكتب إجابة واحدة على الأقل.
    [two] اكتب إجابتين على الأقل.
    [few] اكتب { $count } إجابات على الأقل.
    [many] اكتب { $count } إجابة على الأقل.
   *[other] اكتب { $count } إجابة على الأقل.
}
poll-long = { $count ->
    [zero] لا تتسع الإجابة لأي حرف.
    [one] تتسع الإجابة لحرف واحد على الأكثر.
    [two] تتسع الإجابة لحرفين على الأكثر.
    [few] تتسع الإجابة لـ { $count } أحرف على الأكثر.
    [many] تتسع الإجابة لـ { $count } حرفًا على الأكثر.
   *[other] تتسع الإجابة لـ { $count } حرف على الأكثر.
}
poll-twice = إحدى الإجابات مكررة.
poll-open = الأصوات علنية: كل من يستطيع قراءة المنشور يرى من صوّت ولأي إجابة.
poll-vote = تصويت
poll-change = تغيير صوتي
poll-mine = صوتك
poll-count = { $percent } % · { $count ->
    [zero] لا أصوات
    [one] صوت واحد
    [two] صوتان
    [few] { $count } أصوات
    [many] { $count } صوتًا
   *[other] { $count } صوت
}
poll-voters = { $count ->
    [0] لم يصوّت أحد بعد
    [one] صوّت شخص واحد
    [two] صوّت شخصان
    [few] صوّت { $count } أشخاص
    [many] صوّت { $count } شخصًا
   *[other] صوّت { $count } شخص
}
poll-left = بقي { $time }
poll-ended = النتيجة النهائية
poll-who = من صوّت
poll-who-more = { $count ->
    [zero] ولا أحد آخر
    [one] وشخص آخر
    [two] وشخصان آخران
    [few] و{ $count } أشخاص آخرين
    [many] و{ $count } شخصًا آخر
   *[other] و{ $count } شخص آخر
}
poll-who-none = لا أحد
