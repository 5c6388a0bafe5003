# من المتصل. ترجمة آلية لم تُراجَع بعد.

network-connected = { $count ->
    [zero] غير متصل بأي جهاز
    [one] متصل بجهاز واحد
    [two] متصل بجهازين
    [few] متصل بـ { $count } أجهزة
    [many] متصل بـ { $count } جهازًا
   *[other] متصل بـ { $count } جهاز
}
network-by-relay = { $count ->
    [zero] غير متصل بأي جهاز عبر مُرحِّل
    [one] متصل بجهاز واحد عبر مُرحِّل
    [two] متصل بجهازين عبر مُرحِّلات
    [few] متصل بـ { $count } أجهزة عبر مُرحِّلات
    [many] متصل بـ { $count } جهازًا عبر مُرحِّلات
   *[other] متصل بـ { $count } جهاز عبر مُرحِّلات
}
network-alone = غير متصل بأحد
network-connected-short = { $count } متصل
network-off = غير متصل
network-show = عرض كيفية اتصال هذا الجهاز
network-title = الاتصال
network-off-more = هذا الجهاز غير متصل: شبكته لا تعمل. ما تكتبه يُحفظ ويخرج لاحقًا، وما تراه وصل من قبل.
network-alone-more = لا جهاز آخر متصل الآن. ما تكتبه يُحفظ ويخرج حالما يتصل أحد.
network-alone-next = إن طال ذلك: تابع مجددًا دعوة شخص تتابعه، أو أضف مرساة من الإعدادات. فالملف الذي أُخذ من ملف لا يعرف بعد أجهزة أحد.
network-direct = { $count ->
    [zero] غير متصل مباشرة بأي جهاز.
    [one] متصل مباشرة بجهاز واحد.
    [two] متصل مباشرة بجهازين.
    [few] متصل مباشرة بـ { $count } أجهزة.
    [many] متصل مباشرة بـ { $count } جهازًا.
   *[other] متصل مباشرة بـ { $count } جهاز.
}
network-relayed = { $count ->
    [zero] غير متصل بأي جهاز عبر مُرحِّل.
    [one] متصل بجهاز واحد عبر مُرحِّل. وهو لا يرى أي محتوى.
    [two] متصل بجهازين عبر مُرحِّل. وهو لا يرى أي محتوى.
    [few] متصل بـ { $count } أجهزة عبر مُرحِّل. وهو لا يرى أي محتوى.
    [many] متصل بـ { $count } جهازًا عبر مُرحِّل. وهو لا يرى أي محتوى.
   *[other] متصل بـ { $count } جهاز عبر مُرحِّل. وهو لا يرى أي محتوى.
}
network-unknown = { $count ->
    [zero] لا يُبحث عن طريق إلى أي جهاز.
    [one] يُبحث عن طريق إلى جهاز واحد.
    [two] يُبحث عن طريق إلى جهازين.
    [few] يُبحث عن طريق إلى { $count } أجهزة.
    [many] يُبحث عن طريق إلى { $count } جهازًا.
   *[other] يُبحث عن طريق إلى { $count } جهاز.
}
network-mine = ما كتبتَه
network-mine-alone = { $count ->
    [0] أحدث منشوراتك موجودة على أجهزة أخرى أيضًا.
    [one] قد يكون أحد أحدث منشوراتك على هذا الجهاز وحده: لا تُعرف نسخة أخرى.
    [two] قد يكون اثنان من أحدث منشوراتك على هذا الجهاز وحده: لا تُعرف نسخة أخرى.
    [few] قد تكون { $count } من أحدث منشوراتك على هذا الجهاز وحده: لا تُعرف نسخة أخرى.
    [many] قد يكون { $count } من أحدث منشوراتك على هذا الجهاز وحده: لا تُعرف نسخة أخرى.
   *[other] قد يكون { $count } من أحدث منشوراتك على هذا الجهاز وحده: لا تُعرف نسخة أخرى.
}
network-news = ما كتبه الآخرون
network-waiting = لم يصل شيء بعد من { $count } من أصل { $all } تتابعهم:
network-more = { $count ->
    [zero] ولا أحد غيرهم
    [one] وواحد آخر
    [two] واثنان آخران
    [few] و{ $count } آخرون
    [many] و{ $count } آخرون
   *[other] و{ $count } آخرون
}
network-news-later = ما كُتب منذ ذلك الحين يصل عندما يتصل من لديه.
network-devices = الأجهزة
network-phone = هاتف
network-desktop = حاسوب
network-anchor = مرساة
network-peer-direct = مباشر
network-peer-relayed = عبر مُرحِّل
network-peer-unknown = يُبحث عن طريق
network-traffic = { $in } واردة، { $out } صادرة
size-bytes = { $count } بايت
size-kib = { $count } ك.ب
size-mib = { $count } م.ب
size-gib = { $count } غ.ب
network-lost = غير معروف: العقدة لا تجيب
network-lost-short = غير معروف
network-starting = جارٍ البدء…
network-starting-short = جارٍ البدء
